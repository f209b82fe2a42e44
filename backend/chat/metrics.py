"""Counters of the entrance, shown at `/metrics`."""

from prometheus_client import Counter, Histogram

PUSHES = Counter("nuanmin_pushes", "Pushes from WeChat by what became of them", ["outcome"])
REPLY_SECONDS = Histogram(
    "nuanmin_push_reply_seconds",
    "Time to answer a push; WeChat gives up after five seconds",
    ["account"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5),
)
