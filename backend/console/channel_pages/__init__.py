"""How the way to WeChat stands: what has to be mended, and how much of the day's calls is used."""
