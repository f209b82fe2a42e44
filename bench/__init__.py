"""The benchmark programs behind `make bench`; bench/README.md says how to read the table."""
