"""Headings of the resident web pages."""

PRIVACY_TITLE = "您的个人信息"
