"""The one family of errors people and programs may see (architecture.md §4 "Errors").

`code` is stable and documented for programs; `user_text` is plain Chinese that says what to do next, taken from a
room's `texts.py`. Anything else that is raised is a fault of ours and is answered with a reference number.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence


class AppError(Exception):
    """A request that cannot be done, and why, for people (`user_text`) and for programs (`code`, `status`).

    `errors` names fields at fault, as `{field: [sentences]}`; `extra` holds further members of the problem document,
    such as the next free places.
    """

    def __init__(
        self,
        code: str,
        user_text: str,
        status: int = 409,
        *,
        errors: Mapping[str, Sequence[str]] | None = None,
        extra: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(code)
        self.code = code
        self.user_text = user_text
        self.status = status
        self.errors = {field: list(sentences) for field, sentences in (errors or {}).items()}
        self.extra = dict(extra or {})
