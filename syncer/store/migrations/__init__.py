"""How an older store becomes a current one: one revision per format, run inside one transaction."""
