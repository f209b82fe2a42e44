"""The waiting hall of a registry: tickets, who is called next, and at which window."""
