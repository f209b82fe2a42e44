"""The report of how the product keeps WeChat's rules: what it answers to pushes, and how it calls the API."""
