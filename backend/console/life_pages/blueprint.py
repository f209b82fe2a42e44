"""The blueprint on which these pages hang; their templates lie with the kit's."""

from backend.console.blueprint import console_blueprint

life = console_blueprint("life", "backend.console", "/console/life")
