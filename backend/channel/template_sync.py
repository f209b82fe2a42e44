"""WeChat's approved templates against our notices: what is entered, what fits, what is missing (wechat-protocol §5)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from backend.storage import transaction
from backend.wechat.approved import ApprovedTemplate
from backend.wechat.client import WeChatClient
from messages import Channel, Product, map_template
from messages.matching import find_match, is_filled_by
from messages.models import MessageTemplate
from messages.notices import Notice, all_notices
from messages.templates import mapped_templates


class Standing(StrEnum):
    """How one notice stands on one channel of one app."""

    FITS = "fits"  # entered, and WeChat has it with the very keys
    FOUND = "found"  # not entered yet, or entered wrongly, and an approved template fits
    GONE = "gone"  # entered, and WeChat does not have it any more
    CHANGED = "changed"  # entered, and its keys are others today
    MISSING = "missing"  # not entered, and no approved template fits


WRONG = (Standing.GONE, Standing.CHANGED)


@dataclass(frozen=True)
class NoticeStanding:
    """One line of the comparison. `template` is the one to enter, or the one that is."""

    notice: str
    channel: Channel
    standing: Standing
    template: ApprovedTemplate | None
    fields: dict[str, str]


def approved_templates(client: WeChatClient, product: Product) -> dict[Channel, Sequence[ApprovedTemplate]]:
    """What WeChat has approved for an app, by channel. Raises `WeChatError`."""
    approved: dict[Channel, Sequence[ApprovedTemplate]] = {Channel.SUBSCRIBE: client.list_subscribe_templates()}
    if product is Product.ACCOUNT:
        approved[Channel.TEMPLATE] = client.list_templates()
    return approved


def compare(client: WeChatClient, product: Product) -> list[NoticeStanding]:
    """How every notice stands that could go through an app. Raises `WeChatError`; writes nothing."""
    entered = {(row.notice, row.channel): row for row in mapped_templates(client.app_id)}
    return [
        _standing(notice, channel, templates, entered.get((notice.key, channel)))
        for channel, templates in approved_templates(client, product).items()
        for notice in all_notices()
        if channel in notice.channels
    ]


def _standing(
    notice: Notice, channel: Channel, approved: Sequence[ApprovedTemplate], entered: MessageTemplate | None
) -> NoticeStanding:
    present = next((one for one in approved if entered is not None and one.template_id == entered.template_id), None)
    if entered is not None and present is not None and is_filled_by(present, entered.fields):
        return NoticeStanding(notice.key, channel, Standing.FITS, present, dict(entered.fields))
    match = find_match(notice, approved)
    if match is not None:
        return NoticeStanding(notice.key, channel, Standing.FOUND, match.template, dict(match.fields))
    if entered is None:
        return NoticeStanding(notice.key, channel, Standing.MISSING, None, {})
    standing = Standing.GONE if present is None else Standing.CHANGED
    return NoticeStanding(notice.key, channel, standing, present, dict(entered.fields))


def enter_matches(client: WeChatClient, product: Product) -> list[NoticeStanding]:
    """Enter what fits, and bring long-term consent and listed values up to date; returns how everything stood before.

    What a tap opens stays as it was entered. Raises `WeChatError`.
    """
    standings = compare(client, product)
    with transaction():
        links = {(row.notice, row.channel): row.link for row in mapped_templates(client.app_id)}
        for one in standings:
            if one.template is not None and one.standing in (Standing.FITS, Standing.FOUND):
                map_template(
                    client.app_id,
                    one.channel,
                    one.notice,
                    one.template.template_id,
                    one.fields,
                    link=links.get((one.notice, one.channel)),
                    long_term=one.template.long_term,
                    choices=one.template.choices,
                )
    return standings
