"""The control API: what tests and the page use to play the residents. It is no part of WeChat."""
