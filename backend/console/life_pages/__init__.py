"""Events of a life and proxies at the console: recording, what it will do, what it did; ties at the counter."""
