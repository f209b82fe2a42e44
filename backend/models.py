"""Every table of the product, imported so that `Base.metadata` is whole; for migrations and checks only."""

from backend.api import models as api
from backend.calendar import models as calendar
from backend.chat import models as chat
from backend.jobs import models as jobs
from backend.marriage import models as marriage
from backend.parameters import models as parameters
from backend.people import models as people
from backend.staff import models as staff
from messages import models as messages

__all__ = ["api", "calendar", "chat", "jobs", "marriage", "messages", "parameters", "people", "staff"]
