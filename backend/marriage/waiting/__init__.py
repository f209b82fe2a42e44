"""Waiting lists: whoever waits for a place is offered the next one that comes free (domain-rules §2.5, §7)."""
