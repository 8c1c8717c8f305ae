"""Shipped for adapter authors: the contract suite, the in-memory system, Hypothesis strategies, the sandbox base."""
