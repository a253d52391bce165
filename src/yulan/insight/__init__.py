"""What reads everything below and writes nothing of its own: forms, statistics, reports."""
