"""What exists only in a demonstration: a clock that the sandbox moves, and the order in which demo data is loaded."""
