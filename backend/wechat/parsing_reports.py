"""The builders of `reports`, one for each event, entered in `parsing.EVENTS`."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from typing import Literal

from backend.wechat import reports
from backend.wechat.inbound import Inbound
from backend.wechat.leaves import DEGREES, branch, branches, matching, text, whole
from backend.wechat.reading import Tree

Head = tuple[str, str, datetime, Tree]  # to, sender, created_at, raw: the fields of Inbound, in order
Builder = Callable[[Head, Tree], Inbound]

_OPENID = re.compile(r"[0-9A-Za-z_-]{1,64}")
_METRES = re.compile(r"[0-9]{1,9}(\.[0-9]{1,20})?")
_ITEM = re.compile(r"[0-9A-Za-z_]{1,32}")
_TOLD = {"0": "pass", "1": "risky"}


def _mini_program_viewed(head: Head, raw: Tree) -> Inbound:
    return reports.MiniProgramViewed(*head, page=text(raw, "EventKey"), menu_id=text(raw, "MenuId") or None)


def _code_scanned(*, waits: bool) -> Builder:
    def build(head: Head, raw: Tree) -> Inbound:
        code = branch(raw, "ScanCodeInfo")
        return reports.CodeScanned(
            *head,
            key=text(raw, "EventKey"),
            waits=waits,
            scan_type=text(code, "ScanType"),
            result=text(code, "ScanResult"),
        )

    return build


def _pictures_sent(way: str) -> Builder:
    def build(head: Head, raw: Tree) -> Inbound:
        sent = branch(raw, "SendPicsInfo")
        listed = sent.get("PicList")
        # XML has PicList{item}, JSON may have the list itself; with no picture it is an empty text (§1.4).
        items = branches(listed.get("item") if isinstance(listed, dict) else listed)
        sums = tuple(text(item, "PicMd5Sum") for item in items)
        return reports.PicturesSent(
            *head, key=text(raw, "EventKey"), way=way, count=whole(sent, "Count"), md5_sums=sums
        )

    return build


def _location_selected(head: Head, raw: Tree) -> Inbound:
    sent = branch(raw, "SendLocationInfo")
    return reports.LocationSelected(
        *head,
        key=text(raw, "EventKey"),
        latitude=float(matching(sent, "Location_X", DEGREES)),
        longitude=float(matching(sent, "Location_Y", DEGREES)),
        label=text(sent, "Label"),
        place=text(sent, "Poiname"),
    )


def _location_reported(head: Head, raw: Tree) -> Inbound:
    return reports.LocationReported(
        *head,
        latitude=float(matching(raw, "Latitude", DEGREES)),
        longitude=float(matching(raw, "Longitude", DEGREES)),
        precision=float(matching(raw, "Precision", _METRES)),
    )


def _mass_send_finished(head: Head, raw: Tree) -> Inbound:
    return reports.MassSendFinished(
        *head,
        msg_id=text(raw, "MsgID"),
        status=text(raw, "Status").strip(),
        total=whole(raw, "TotalCount"),
        filtered=whole(raw, "FilterCount"),
        sent=whole(raw, "SentCount"),
        failed=whole(raw, "ErrorCount"),
    )


def _service_session(change: Literal["create", "close", "switch"]) -> Builder:
    def build(head: Head, raw: Tree) -> Inbound:
        return reports.ServiceSession(
            *head,
            change=change,
            account=text(raw, "ToKfAccount" if change == "switch" else "KfAccount"),
            from_account=text(raw, "FromKfAccount") or None,
        )

    return build


def _service_chat_entered(head: Head, raw: Tree) -> Inbound:
    return reports.ServiceChatEntered(*head, session_from=text(raw, "SessionFrom"))


def _authorization_changed(change: Literal["revoked", "cancelled", "modified"]) -> Builder:
    def build(head: Head, raw: Tree) -> Inbound:
        openid = matching(raw, "OpenID", _OPENID) if text(raw, "OpenID").strip() else head[1]
        items = tuple(item for item in text(raw, "RevokeInfo").replace(" ", "").split(",") if _ITEM.fullmatch(item))
        return reports.AuthorizationChanged(*head, change=change, openid=openid, items=items)

    return build


def _media_checked(head: Head, raw: Tree) -> Inbound:
    result = branch(raw, "result")
    # The first shape has `isrisky` and `status_code` in place of `result` and `errcode`; it is still seen (§6.6).
    told = text(result, "suggest").lower() or _TOLD.get(text(raw, "isrisky").strip(), "")
    failed = whole(raw, "errcode") or whole(raw, "status_code") or 0
    return reports.MediaChecked(
        *head,
        trace_id=text(raw, "trace_id"),
        app_id=text(raw, "appid"),
        errcode=failed,
        suggest="" if failed else told,
        label=whole(result, "label"),
    )


REPORTS: dict[str, Builder] = {
    "view_miniprogram": _mini_program_viewed,
    "scancode_push": _code_scanned(waits=False),
    "scancode_waitmsg": _code_scanned(waits=True),
    "pic_sysphoto": _pictures_sent("sysphoto"),
    "pic_photo_or_album": _pictures_sent("photo_or_album"),
    "pic_weixin": _pictures_sent("weixin"),
    "location_select": _location_selected,
    "location": _location_reported,
    "masssendjobfinish": _mass_send_finished,
    "kf_create_session": _service_session("create"),
    "kf_close_session": _service_session("close"),
    "kf_switch_session": _service_session("switch"),
    "user_enter_tempsession": _service_chat_entered,
    "user_authorization_revoke": _authorization_changed("revoked"),
    "user_authorization_cancellation": _authorization_changed("cancelled"),
    "user_info_modified": _authorization_changed("modified"),
    "wxa_media_check": _media_checked,
}
