"""Persons at the console: finding them, their page, verifying them with the card in hand, codes for their WeChat."""
