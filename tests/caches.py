"""Values the product keeps for some seconds; a test starts without them."""

from backend.calendar import legal_days
from backend.marriage import days, offers
from backend.marriage.free import board
from backend.marriage.rush import plan
from backend.parameters import values


def forget_caches() -> None:
    """Read everything anew."""
    legal_days._calendar.forget()
    values._versions.forget()
    offers.forget_offices()
    days.forget_days()
    board.forget_board()
    plan.forget_rushes()
