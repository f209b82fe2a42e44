"""Resident web pages opened inside WeChat: large type, plain words; only the page of reminders runs scripts."""
