"""A stand-in Jira Cloud: stateful, seedable, with the vendor's limits and its lagging search."""
