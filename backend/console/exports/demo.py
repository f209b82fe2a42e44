"""The demonstration's exports: taken away, ready, waiting for a second person, declined, never fetched."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa
from werkzeug.datastructures import MultiDict

from backend.console.exports.ask import ask_export, places
from backend.console.exports.build import build_next
from backend.console.exports.definitions import export_definition
from backend.console.exports.fetch import fetch_file
from backend.console.exports.forget import expire_files
from backend.console.exports.form import read_wish
from backend.console.exports.models import Export
from backend.demonstration.moments import moment_at
from backend.kernel.clock import now
from backend.kernel.scenes import Scene
from backend.staff.approvals import approve, decline
from backend.staff.audit import acting, acting_ends
from backend.staff.demo import accounts_by_username
from backend.staff.models import Role, StaffAccount
from backend.staff.permissions import Permission, grants_of
from backend.storage import session, transaction

_LIST = "marriage.appointments"
_PLAIN = ("number", "day", "time", "office", "state")
_PERSONAL = (*_PLAIN, "name_0", "name_1")


@dataclass(frozen=True)
class _Export:
    """Asked for so many workdays ago by somebody; `then` is what became of it."""

    days_ago: int
    who: str
    columns: tuple[str, ...]
    kind: str
    reason: str
    then: tuple[str, ...]


_EXPORTS = (
    _Export(19, "registrar-1", _PLAIN, "statistics", "十月份预约量统计", ("build", "fetch")),
    _Export(12, "registrar-2", _PERSONAL, "inspection", "上级检查要看名单", ("approve", "build", "fetch")),
    _Export(9, "registrar-1", _PERSONAL, "other", "想核对一下老同学的预约", ("decline",)),
    _Export(5, "head-1", _PLAIN, "checking", "核对各窗口办理量", ("build", "expire")),
    _Export(0, "registrar-1", _PLAIN, "arranging", "安排下周窗口值班", ("build",)),
    _Export(0, "registrar-1", _PERSONAL, "archive", "本季度归档目录", ()),
)


def scenes() -> list[Scene]:
    """What is played; nothing where there are exports already."""
    with transaction() as opened:
        if opened.scalar(sa.select(sa.exists().where(Export.id.is_not(None)))):
            return []
    accounts = accounts_by_username()
    return [scene for wanted in _EXPORTS for scene in _Played(wanted, accounts).scenes()]


class _Played:
    """One export and its steps; it is there once it was asked for."""

    def __init__(self, wanted: _Export, accounts: dict[str, StaffAccount]) -> None:
        self.wanted, self.who = wanted, accounts[wanted.who]
        self.head = accounts["head-2" if wanted.who == "registrar-2" else "head-1"]
        self.export: Export | None = None

    def scenes(self) -> list[Scene]:
        began = moment_at(self.wanted.days_ago, 8, 40)
        found = [Scene(began, self.ask)]
        for place, name in enumerate(self.wanted.then, 1):
            later = timedelta(hours=25) if name == "expire" else timedelta(minutes=20 * place)
            found.append(Scene(min(began + later, now()), getattr(self, name)))
        return found

    def ask(self) -> None:
        definition = export_definition(_LIST)
        if definition is None:
            raise LookupError(_LIST)
        wanted = self.wanted
        form = MultiDict([("columns", name) for name in wanted.columns])
        form.update({"format": "xlsx", "reason_kind": wanted.kind, "reason": wanted.reason})
        nodes = grants_of(self.who).nodes(Permission.READ_APPOINTMENTS)
        wish = read_wish(definition, definition.read_arguments({"tab": "all"}), places(nodes), form)
        acting(self.who.id, Role.REGISTRAR.value, "192.0.2.11", None)
        self.export = ask_export(definition, wish, self.who)
        acting_ends()

    def approve(self) -> None:
        approve(self._made().approval_id, self.head, "同意，用完删除")  # type: ignore[arg-type]

    def decline(self) -> None:
        decline(self._made().approval_id, self.head, "与工作无关，不能导出")  # type: ignore[arg-type]

    def build(self) -> None:
        build_next()

    def fetch(self) -> None:
        session().expire_all()
        fetch_file(self._made().id, self.who)

    def expire(self) -> None:
        expire_files()

    def _made(self) -> Export:
        if self.export is None:
            raise LookupError("asked for first")
        return self.export
