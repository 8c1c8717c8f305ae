"""What `make prove` runs beside pytest: the table of promises, and mutants."""
