"""All notices of the product. A service adds a file here and names it below."""

from messages.catalogue import chat, marriage, people, people_proxies, privacy
from messages.notices import register

register(*marriage.NOTICES, *chat.NOTICES, *people_proxies.NOTICES, *people.NOTICES, *privacy.NOTICES)
