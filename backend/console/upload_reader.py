"""Staff who read a file that somebody sent: by the rule of the service it belongs to, and never without a trace."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass

from backend.files import SettledUpload
from backend.staff.audit import record_look


@dataclass(frozen=True)
class StaffReader:
    """A member of staff. `permitted` is the service's rule: whether a file's matter lies in the account's nodes.

    `task` is the open matter for which they look, as `kind:id`; `purpose` what they stated.
    """

    account_id: uuid.UUID
    permitted: Callable[[SettledUpload], bool]
    task: str | None = None
    purpose: str | None = None

    def may_read(self, upload: SettledUpload) -> bool:
        """Whether the service lets this account see the file."""
        return self.permitted(upload)

    def note_look(self, upload: SettledUpload) -> None:
        """Leave the look in the audit trail, in the transaction of the reading."""
        record_look(
            "files.opened",
            "upload",
            [upload.id],
            account_id=self.account_id,
            task=self.task,
            fields=["content"],
            purpose=self.purpose,
            upload_purpose=upload.purpose,
        )
