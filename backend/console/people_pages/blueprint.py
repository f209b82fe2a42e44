"""The blueprint on which the pages about persons hang; their templates lie with the kit's."""

from backend.console.blueprint import console_blueprint

people = console_blueprint("people", "backend.console", "/console/people")
