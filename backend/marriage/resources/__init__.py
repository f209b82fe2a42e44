"""What is booked by the session and has a roster: venues and 特邀颁证师 (domain-rules §2.7)."""
