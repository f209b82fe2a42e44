"""The marriage desk at the console: what registrars see and do."""
