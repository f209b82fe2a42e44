"""All notices of the product. A service adds a file here and names it below."""

from messages.catalogue import (
    chat,
    marriage,
    marriage_archive,
    marriage_capacity,
    marriage_ceremonies,
    marriage_counselling,
    marriage_divorce,
    marriage_rush,
    marriage_waiting,
    people,
    people_proxies,
    privacy,
    staff,
)
from messages.notices import register

register(
    *marriage.NOTICES,
    *marriage_divorce.NOTICES,
    *marriage_archive.NOTICES,
    *marriage_capacity.NOTICES,
    *marriage_rush.NOTICES,
    *marriage_waiting.NOTICES,
    *marriage_ceremonies.NOTICES,
    *marriage_counselling.NOTICES,
    *chat.NOTICES,
    *people_proxies.NOTICES,
    *people.NOTICES,
    *privacy.NOTICES,
    *staff.NOTICES,
)
