"""A coverage-guided run against what strangers can send us; `make fuzz`, not part of the suite."""
