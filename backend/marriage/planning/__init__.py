"""The calendar of capacity at the console, and bulk moves there, in the chat and in the mini-program."""
