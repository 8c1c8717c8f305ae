"""Commands and rendering. No decisions are made here."""
