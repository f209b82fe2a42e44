"""The blueprint on which the pages of applications and of care hang."""

from backend.console import console_blueprint

divorce_desk = console_blueprint("divorce_desk", "backend.marriage.divorce", "/console/marriage")
