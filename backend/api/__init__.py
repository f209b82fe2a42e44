"""The API kit: residents' authentication, problem details, paging, idempotency, OpenAPI."""
