"""The resident web pages as one blueprint; its modules hang their views on it."""

from backend.h5 import entrance, own, reminders
from backend.h5.pages import h5

__all__ = ["entrance", "h5", "own", "reminders"]
