"""Values the product keeps for some seconds; a test starts without them."""

from backend.calendar import legal_days
from backend.marriage import offers
from backend.parameters import values


def forget_caches() -> None:
    """Read everything anew."""
    legal_days._calendar.forget()
    values._versions.forget()
    offers.forget_offices()
