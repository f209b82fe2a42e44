"""The worker process and the tick: what runs when nobody is asking.

| module | does |
|---|---|
| `queue` | wakes the workers through Redis, which may be away |
| `clients` | the WeChat clients of this process |
| `entries` | what RQ runs |
| `worker` | the worker process |
| `lease`, `tick` | the loop that finds what is due, in one process at a time |
| `figures` | numbers for operations |
"""
