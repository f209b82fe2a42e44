"""Divorce applications: their clock, their moves, the people told of them and cared for (domain-rules §2.6)."""
