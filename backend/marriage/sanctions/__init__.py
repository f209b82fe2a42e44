"""Whoever is booked and does not come, again and again, books at the counter for a while (domain-rules §2.5)."""
