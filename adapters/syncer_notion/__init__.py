"""Notion, API version 2026-03-11: rows of data sources as records, page bodies as documents."""
