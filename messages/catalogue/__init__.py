"""All notices of the product. A service adds a file here and names it below."""

from messages.catalogue import chat, marriage
from messages.notices import register

register(*marriage.NOTICES, *chat.NOTICES)
