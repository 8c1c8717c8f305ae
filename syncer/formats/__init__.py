"""Text formats that are nobody's system."""
