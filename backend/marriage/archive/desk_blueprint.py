"""The blueprint on which the archive's pages hang."""

from backend.console import console_blueprint

archive_desk = console_blueprint("archive_desk", "backend.marriage.archive", "/console/marriage")
