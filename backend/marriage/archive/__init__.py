"""Requests to the marriage archive (domain-rules §2.9): asked for first, looked for, read on site when found."""
