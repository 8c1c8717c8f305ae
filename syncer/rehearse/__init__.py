"""Rehearsal: a sync, a second one and an undo, played in memory on twins of the collections. Writes to no system."""
