"""CSV files as collections."""
