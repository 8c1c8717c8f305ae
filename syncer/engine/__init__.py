"""Observe, match, merge, policy, plan, apply, verify. Deciding is pure; only observe and apply touch the world."""
