"""What to bring: the checklist of each kind of business, as chat, API and a page that prints show it."""
