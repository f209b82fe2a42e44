"""An empty Flask view: what is left of the server's throughput once Flask has routed a request."""

from __future__ import annotations

from flask import Flask

app = Flask(__name__, static_folder=None)


@app.post("/")
def empty() -> str:
    """Answer `ok`."""
    return "ok"
