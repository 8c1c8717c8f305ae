"""Keeps one product in step across the tools a team already uses. Names no system anywhere."""

__version__ = "0.1.0"
