"""What reads everything below: statistics, forms, reports. Nothing here is entered twice."""
