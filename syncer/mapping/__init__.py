"""The YAML language that says which record field is which item field."""
