"""A real PostgreSQL and a real Redis of our own, for when no address is given (`make run`, `make test`).

Programs of the operator's machine are preferred for Redis; PostgreSQL comes with the runtime set. Both listen on Unix
sockets alone. Import the servers from their modules:

    from backend.embedded.postgres import EmbeddedPostgres
    from backend.embedded.redis import EmbeddedRedis
"""
