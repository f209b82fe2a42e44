"""The blueprint on which the marriage desk's views hang."""

from backend.console import console_blueprint

desk = console_blueprint("marriage_desk", "backend.marriage", "/console/marriage")
