"""The templates an app may use (wechat-protocol §5.1, §5.2 "Manage")."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from backend.wechat.caller import Caller
from backend.wechat.transport import list_of, text_of

_LONG_TERM = "3"  # 2 is one-time
_ROW = re.compile(r"([^\n{}:\uff1a]*)[:\uff1a]?\s*\{\{([a-z_]+[0-9]+)\.DATA\}\}")


@dataclass(frozen=True)
class ApprovedTemplate:
    """A template the app owns; `content` shows its fields as `{{thing1.DATA}}`, each behind its label.

    `choices`: the values an `enum` or `const` key takes, where WeChat tells them.
    """

    template_id: str
    title: str
    content: str
    example: str
    long_term: bool = False
    choices: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def labels(self) -> dict[str, str]:
        """Label by key, in the template's order. Old `first` and `remark`, which WeChat drops, are no keys."""
        return {key: label.strip() for label, key in _ROW.findall(self.content)}


class ApprovedTemplates(Caller):
    """Templates, as WeChat has approved them."""

    def list_templates(self) -> list[ApprovedTemplate]:
        """The account's templates for template messages (§5.1)."""
        answer = self.call("GET", "/cgi-bin/template/get_all_private_template")
        return [_template(entry, "template_id") for entry in list_of(answer, "template_list") if _is_object(entry)]

    def list_subscribe_templates(self) -> list[ApprovedTemplate]:
        """The app's templates for subscription messages (§5.2, §5.3)."""
        answer = self.call("GET", "/wxaapi/newtmpl/gettemplate")
        return [_template(entry, "priTmplId") for entry in list_of(answer, "data") if _is_object(entry)]


def _is_object(entry: object) -> bool:
    return isinstance(entry, dict)


def _template(entry: Mapping[str, Any], id_name: str) -> ApprovedTemplate:
    return ApprovedTemplate(
        template_id=text_of(dict(entry), id_name),
        title=str(entry.get("title", "")),
        content=str(entry.get("content", "")),
        example=str(entry.get("example", "")),
        long_term=str(entry.get("type", "")) == _LONG_TERM,
        choices=_choices(entry.get("keywordEnumValueList")),
    )


def _choices(listed: object) -> dict[str, tuple[str, ...]]:
    found = {}
    for entry in listed if isinstance(listed, list) else []:
        if isinstance(entry, dict) and isinstance(entry.get("enumValueList"), list):
            code = re.match(r"[a-z_]+[0-9]+", str(entry.get("keywordCode", "")))  # thing1, or thing1.DATA
            if code:
                found[code[0]] = tuple(str(value) for value in entry["enumValueList"])
    return found
