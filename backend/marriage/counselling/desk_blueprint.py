"""The blueprint on which the pages of counselling hang."""

from backend.console import console_blueprint

counselling_desk = console_blueprint(
    "counselling_desk", "backend.marriage.counselling", "/console/marriage/counselling"
)
