"""The calendar of a registry's capacity: days are changed after a look at what it does, and whom it hits is moved."""
