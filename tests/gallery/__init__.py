"""Every template with rich sample data, in both languages: to look at, to shoot and to test without a database."""
