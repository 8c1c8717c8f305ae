"""Excel workbooks as collections."""
