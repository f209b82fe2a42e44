"""“My account”: password, second factor, recovery codes, WeChat, sessions; and signing in by scan."""
