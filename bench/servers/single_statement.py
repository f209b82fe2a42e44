"""The least a booking can be: a Flask view that runs one statement in a transaction, by psycopg alone.

It takes a place and writes who has it. No login, no check of the couple, no encryption, no idempotency, no notice.
"""

from __future__ import annotations

import os
import threading

import psycopg
from flask import Flask, Response, jsonify, request

from bench.statements import BOOK

app = Flask(__name__, static_folder=None)
_of_thread = threading.local()


def _connection() -> psycopg.Connection:
    """One connection per thread: nothing is waited for, and the statement stays prepared."""
    if not hasattr(_of_thread, "connection"):
        _of_thread.connection = psycopg.connect(os.environ["BENCH_DATABASE"])
    connection: psycopg.Connection = _of_thread.connection
    return connection


@app.post("/bookings")
def book() -> tuple[Response, int]:
    """Book a place: 201, or 409 when the slot is full."""
    wanted = request.get_json()
    connection = _connection()
    with connection.transaction():
        row = connection.execute(BOOK, wanted).fetchone()
    return (jsonify(id=row[0]), 201) if row else (jsonify(code="slot_full"), 409)
