"""Files that residents send: fetched by a worker, checked by their bytes, encrypted at rest, erased when due.

| module | does |
|---|---|
| `rules` | states, limits, and a strict look at the bytes |
| `receive` | a picture that WeChat holds becomes an upload; an upload becomes part of a matter |
| `keep`, `metadata` | a picture sent by the API, without what the camera wrote beside it |
| `fetch` | fetches, checks, scans and keeps what is owed |
| `reading` | `open_upload`, the one way to a file's content |
| `erasing`, `holdings` | takes away what is not needed any more; what is held about a person |
| `vault`, `clamd` | encrypted files below DATA_DIR; the virus scanner, where there is one |

A room that wants pictures: a step of its flow with `TakesPicture`, `attach` in its use case, `open_upload` with a
reader of its own, `erase_of` in its retention, and `on_settled` to hear what became of a file.
"""

from backend.files.erasing import erase_of
from backend.files.reading import OpenedUpload, Owner, Reader, open_upload
from backend.files.receive import SettledUpload, attach, on_settled, owe_picture
from backend.files.rules import Refusal, UploadState
from backend.files.vault import use_vault

__all__ = [
    "OpenedUpload",
    "Owner",
    "Reader",
    "Refusal",
    "SettledUpload",
    "UploadState",
    "attach",
    "erase_of",
    "on_settled",
    "open_upload",
    "owe_picture",
    "use_vault",
]
