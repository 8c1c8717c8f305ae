"""A stand-in for the Notion API, version 2026-03-11."""
