"""The canonical product: kinds, fields, and how each field's type fits and merges."""
