"""Temporary materials: upload and fetch (wechat-protocol.md §6.5). The bytes lie in files beside the state."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from flask import Response, url_for

from sandbox.config import Product
from sandbox.push import MEDIA_LIFE_SECONDS
from sandbox.state import MediaItem
from sandbox.wechat.endpoint import Binary, Call, Endpoint, Payload
from sandbox.wechat.errors import WeChatError
from sandbox.world import World, current_world

REMEMBERED = 500
# The first bytes by which a file is known, whatever its name says.
PNG, JPEG, GIF, AMR = b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF8", b"#!AMR"


@dataclass(frozen=True)
class Kind:
    """What one type of material may be: its largest size in bytes, and the content type by first bytes."""

    most: int
    starts: dict[bytes, str]
    size_error: int = 40006


PICTURES = {PNG: "image/png", JPEG: "image/jpeg", GIF: "image/gif"}
SOUNDS = {AMR: "audio/amr", b"ID3": "audio/mp3", b"\xff\xfb": "audio/mp3", b"\xff\xf3": "audio/mp3"}
KINDS = {
    "image": Kind(10 << 20, PICTURES, 40009),
    "voice": Kind(2 << 20, SOUNDS),
    "video": Kind(10 << 20, {b"ftyp": "video/mp4"}),
    "thumb": Kind(64 << 10, {JPEG: "image/jpeg"}),
}


def content_type_of(kind: str, data: bytes) -> str | None:
    """The type that the bytes themselves show, if this kind of material may be that."""
    for start, content_type in KINDS[kind].starts.items():
        if data.startswith(start) or (start == b"ftyp" and data[4:8] == start):
            return content_type
    return None


def keep(world: World, product: Product, kind: str, name: str, data: bytes, origin: str) -> MediaItem:
    """Store a file. `origin` is "upload" for the product's, "phone" for what a resident sent."""
    media_id = secrets.token_urlsafe(48)
    item = MediaItem(
        media_id=media_id,
        product=product,
        kind=kind,
        name=name[:120],
        content_type=content_type_of(kind, data) or "application/octet-stream",
        size=len(data),
        created_at=world.now(),
        origin=origin,
    )
    world.media_dir.mkdir(parents=True, exist_ok=True)
    (world.media_dir / media_id).write_bytes(data)
    with world.lock:
        world.state.media[media_id] = item
        while len(world.state.media) > REMEMBERED:
            oldest = next(iter(world.state.media))
            del world.state.media[oldest]
            (world.media_dir / oldest).unlink(missing_ok=True)
        world.changed()
    return item


def living(world: World, media_id: str) -> tuple[MediaItem, bytes] | None:
    """A file of the last three days with its bytes; None for any other id."""
    with world.lock:
        item = world.state.media.get(media_id)
    if item is None or item["created_at"] <= world.now() - MEDIA_LIFE_SECONDS:
        return None
    path = world.media_dir / media_id
    return (item, path.read_bytes()) if path.is_file() else None


def _upload(call: Call) -> Payload:
    kind = call.args.get("type", "")
    if kind not in KINDS:
        raise WeChatError(40004)
    given = call.file("media")
    # A part without an ASCII file name comes without data, as if nothing had been sent.
    if given is None or not given.filename or not given.filename.isascii():
        raise WeChatError(41005)
    data = given.read()
    if not data:
        raise WeChatError(41005)
    if len(data) > KINDS[kind].most:
        raise WeChatError(KINDS[kind].size_error)
    if content_type_of(kind, data) is None:
        raise WeChatError(40004)
    item = keep(call.world, call.app.product, kind, given.filename, data, "upload")
    name = "thumb_media_id" if kind == "thumb" else "media_id"
    return {"type": kind, name: item["media_id"], "created_at": int(item["created_at"])}


def _fetch(call: Call) -> Payload:
    found = living(call.world, call.args.get("media_id", ""))
    if found is None or found[0]["product"] != call.app.product:
        raise WeChatError(40007)
    item, data = found
    if item["kind"] == "video":
        return {"video_url": url_for("wechat.picture", media_id=item["media_id"], _external=True)}
    return Binary(data, item["content_type"], f"{item['media_id'][:16]}.{item['content_type'].partition('/')[2]}")


def picture(media_id: str) -> Response:
    """What PicUrl and video_url lead to: WeChat's file host asks for no token."""
    found = living(current_world(), media_id)
    if found is None:
        return Response("404 Not Found", 404, mimetype="text/plain")
    return Response(found[1], mimetype=found[0]["content_type"])


ENDPOINTS = (
    Endpoint("/cgi-bin/media/upload", "POST", _upload, daily=100_000, form=True),
    Endpoint("/cgi-bin/media/get", "GET", _fetch, daily=200_000),
)
