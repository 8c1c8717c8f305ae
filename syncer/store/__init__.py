"""What is remembered between runs: links, bases, journal, conflicts, cursors, runs, the lease."""
