"""The WSGI application."""

from backend.app import create_app

app = create_app()
