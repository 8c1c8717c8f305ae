"""Why things are as they are, and what a person can do about it: who ran what, an item's story, conflicts in words.

Everything here reads the store and asks no system.
"""
