"""`flask audit …`: the operator's view of the trail. The application registers `audit_cli`."""

from __future__ import annotations

import sys
from collections.abc import Collection

import click

from backend.staff.audit import texts
from backend.staff.audit.acknowledged import acknowledged
from backend.staff.audit.bookmark import kept_anchor
from backend.staff.audit.chain import Anchor
from backend.staff.audit.verify import Break, Progress, verify

audit_cli = click.Group("audit", help="The audit trail.")


class AnchorType(click.ParamType[Anchor]):
    """`POSITION:HASH` on the command line."""

    name = "position:hash"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> Anchor:
        """Read an anchor; fails with a usage message."""
        try:
            return Anchor.parse(str(value))
        except ValueError:
            self.fail(texts.CLI_BAD_ANCHOR, param, ctx)


@audit_cli.command("verify")
@click.option("--expect", type=AnchorType(), help="An end of the chain that was printed earlier and kept elsewhere.")
def verify_trail(expect: Anchor | None) -> None:
    """Walk the whole chain and tell the first entry that is wrong; exit code 1 if there is one.

    Breaks that an auditor has acknowledged are told with the reason and do not fail the command.
    """
    kept, noted = kept_anchor(), acknowledged()
    last = _walk([anchor for anchor in (kept, expect) if anchor is not None], {one.broken.key for one in noted})
    for one in noted:
        when = f"{one.at:%Y-%m-%d %H:%M}"
        told = texts.CLI_ACKNOWLEDGED.format(broken=spoken_break(one.broken), at=when, reason=one.reason)
        click.echo(told, err=True)
    if last.found is not None:
        click.echo(texts.CLI_BROKEN.format(broken=spoken_break(last.found)), err=True)
        raise click.exceptions.Exit(1)
    whole = texts.CLI_WHOLE_BUT_KNOWN if noted else texts.CLI_WHOLE
    click.echo(whole.format(position=last.at.position, count=len(noted)))
    if last.at.position:
        click.echo(texts.CLI_KEEP.format(anchor=last.at))


def spoken_break(found: Break) -> str:
    """What is wrong and where, in words."""
    return texts.BROKEN_AT.format(
        fault=texts.FAULTS[found.fault],
        position=found.position or texts.NOT_KNOWN,
        entry=found.entry_id or texts.NOT_KNOWN,
    )


def _walk(anchors: list[Anchor], known: Collection[str]) -> Progress:
    steps = verify(anchors, known=known)
    last = next(steps)
    with click.progressbar(length=max(last.total, 1), label=texts.CLI_WALKING, file=sys.stderr) as bar:
        bar.update(last.done)
        for progress in steps:
            bar.update(progress.done - last.done)
            last = progress
    return last
