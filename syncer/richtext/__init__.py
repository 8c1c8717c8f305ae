"""The canonical document: nodes, normal form, diff and three-way merge."""
