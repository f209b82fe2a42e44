"""The copy as a file: its bytes and the headers under which any door hands it out."""

from __future__ import annotations

import json
from urllib.parse import quote

from backend.people.rights import texts
from backend.people.rights.copies import Copy


def copy_file(copy: Copy, form: str) -> tuple[str, dict[str, str]]:
    """Body and headers of a copy, as `json` or `text`; no cache may hold on to it."""
    suffix, kind = ("txt", "text/plain") if form == "text" else ("json", "application/json")
    body = copy.text if form == "text" else json.dumps(copy.data, ensure_ascii=False, indent=1)
    name = quote(texts.COPY_FILE.format(day=copy.made_at.date().isoformat(), suffix=suffix))
    return body, {
        "Content-Type": f"{kind}; charset=utf-8",
        "Content-Disposition": f"attachment; filename*=UTF-8''{name}",
        "Cache-Control": "no-store",
    }
