"""People and powers at the console: the tree, accounts, roles, leave, and requests that need a second person."""
