"""What residents type, understood: words, numbers and choices, yes and no, days and times, persons, controls,
goodbyes.

Pure functions of the text (and of today where days are meant); any text is answered, none raises.
"""

from workflows.chat.understanding.closings import Closing, closing
from workflows.chat.understanding.crisis import read_crisis
from workflows.chat.understanding.dates import When, read_when
from workflows.chat.understanding.intents import Control, control_word
from workflows.chat.understanding.numbers import parse_numeral, pick, read_number
from workflows.chat.understanding.persons import TypedPerson, read_persons
from workflows.chat.understanding.times import Part, read_time
from workflows.chat.understanding.words import clean, fold, normalise, says
from workflows.chat.understanding.yes_no import read_yes_no

__all__ = [
    "Closing",
    "Control",
    "Part",
    "TypedPerson",
    "When",
    "clean",
    "closing",
    "control_word",
    "fold",
    "normalise",
    "parse_numeral",
    "pick",
    "read_crisis",
    "read_number",
    "read_persons",
    "read_time",
    "read_when",
    "read_yes_no",
    "says",
]
