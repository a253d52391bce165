"""The rooms of the plan's tasks and safeguards: one for each, none knowing another. What they share stands below."""
