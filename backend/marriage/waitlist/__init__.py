"""The waiting list as programs and conversations reach it; what it does is in `backend.marriage.waiting`."""
