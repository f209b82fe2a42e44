"""Every table of the product, imported so that `Base.metadata` is whole; for migrations and checks only."""

from backend.api import models as api
from backend.calendar import models as calendar
from backend.chat import models as chat
from backend.console.exports import models as exports
from backend.files import models as files
from backend.jobs import models as jobs
from backend.marriage import models as marriage
from backend.marriage.archive import models as marriage_archive
from backend.marriage.blessings import models as blessings
from backend.marriage.capacity import models as marriage_capacity
from backend.marriage.ceremonies import models as ceremonies
from backend.marriage.counselling import models as counselling
from backend.marriage.covers import models as covers
from backend.marriage.divorce import models as divorce
from backend.marriage.partners import models as marriage_partners
from backend.marriage.resources import models as resources
from backend.marriage.rush import models as marriage_rush
from backend.marriage.tickets import models as marriage_tickets
from backend.marriage.waiting import models as marriage_waiting
from backend.parameters import models as parameters
from backend.people import models as people
from backend.people.entry import models as wechat_entry
from backend.people.life_events import models as life_events
from backend.people.proxies import models as proxies
from backend.people.rights import models as rights
from backend.staff import models as staff
from backend.staff.audit import models as audit
from backend.staff.entry import models as entry
from backend.storage import index_keys
from backend.wechat import models as wechat
from messages import models as messages

__all__ = [
    "api",
    "audit",
    "blessings",
    "calendar",
    "ceremonies",
    "chat",
    "counselling",
    "covers",
    "divorce",
    "entry",
    "exports",
    "files",
    "index_keys",
    "jobs",
    "life_events",
    "marriage",
    "marriage_archive",
    "marriage_capacity",
    "marriage_partners",
    "marriage_rush",
    "marriage_tickets",
    "marriage_waiting",
    "messages",
    "parameters",
    "people",
    "proxies",
    "resources",
    "rights",
    "staff",
    "wechat",
    "wechat_entry",
]
