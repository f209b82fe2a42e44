"""Rushes as programs and readers reach them; what they do is in `backend.marriage.rush`."""
