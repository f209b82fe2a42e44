"""The other one of a couple: told of what was booked for both, and free to confirm it or give it up (§2.5)."""
