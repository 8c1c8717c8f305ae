"""What syncer costs: requests counted by the sandboxes, seconds and memory of child processes. See README.md."""
