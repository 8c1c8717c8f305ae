"""What Jira and Confluence share: the Atlassian Document Format, rate-limit headers, the guarded HTTP session."""
