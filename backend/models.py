"""Every table of the product, imported so that `Base.metadata` is whole; for migrations and checks only."""

from backend.api import models as api
from backend.calendar import models as calendar
from backend.chat import models as chat
from backend.console.exports import models as exports
from backend.jobs import models as jobs
from backend.marriage import models as marriage
from backend.parameters import models as parameters
from backend.people import models as people
from backend.people.life_events import models as life_events
from backend.people.proxies import models as proxies
from backend.people.rights import models as rights
from backend.staff import models as staff
from backend.staff.audit import models as audit
from backend.staff.entry import models as entry
from messages import models as messages

__all__ = [
    "api",
    "audit",
    "calendar",
    "chat",
    "entry",
    "exports",
    "jobs",
    "life_events",
    "marriage",
    "messages",
    "parameters",
    "people",
    "proxies",
    "rights",
    "staff",
]
