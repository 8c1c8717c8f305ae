"""Jira Cloud: issues of a project as records, through the `jira` library."""
