"""The public page of free places: exact, without a login, cheap to read while everybody does."""
