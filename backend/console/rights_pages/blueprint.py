"""The blueprint on which these pages hang; their templates lie with the kit's."""

from backend.console.blueprint import console_blueprint

rights = console_blueprint("rights", "backend.console", "/console/rights")
