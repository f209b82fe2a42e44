"""Ceremonies: one couple or many, outdoors or in, live or on a private link; free of charge (domain-rules §2.7)."""
