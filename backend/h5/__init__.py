"""Resident web pages opened inside WeChat: large type, plain words, no script."""
