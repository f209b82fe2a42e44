"""The demonstration's clock: the machine's time plus an offset that the sandbox sets, shared by all processes.

The offset lies in a file of DATA_DIR, because every process of a demonstration runs on one machine and must see the
same time at once. Nothing of this exists in production.
"""

from __future__ import annotations

import json
import os
import time
from datetime import datetime, timedelta
from pathlib import Path

from flask import Blueprint, Flask, Response, jsonify, request

from backend.kernel.access import Caller, access
from backend.kernel.clock import system_clock, use_clock
from backend.kernel.errors import AppError
from backend.settings import Settings
from backend.wechat.errors import PushRefused
from backend.wechat.push import PushReceiver

FILE_NAME = "clock-offset"
_LOOK_AGAIN_AFTER = 0.2  # seconds of machine time


class OffsetClock:
    """The machine's time plus the seconds in a file, looked at again five times a second."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._looked_at = 0.0
        self._offset = timedelta(0)

    def __call__(self) -> datetime:
        if time.monotonic() - self._looked_at > _LOOK_AGAIN_AFTER:
            self.look()
        return system_clock() + self._offset

    def look(self) -> None:
        """Read the offset now."""
        try:
            self._offset = timedelta(seconds=int(self._path.read_text()))
        except (FileNotFoundError, ValueError):
            self._offset = timedelta(0)
        self._looked_at = time.monotonic()

    def set(self, offset_seconds: int) -> None:
        """Write a new offset, whole or not at all."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        draft = self._path.with_suffix(f".{os.getpid()}")
        draft.write_text(str(offset_seconds))
        draft.replace(self._path)
        self.look()


def configure_demonstration(app: Flask, settings: Settings) -> None:
    """Use the movable clock and let the sandbox move it; in production, do neither."""
    if not settings.demonstration:
        return
    clock = OffsetClock(settings.data_dir / FILE_NAME)
    use_clock(clock)
    receiver = PushReceiver(settings.account)
    blueprint = Blueprint("demonstration", __name__, url_prefix="/demonstration")

    @blueprint.post("/clock")
    @access(Caller.DEMONSTRATION)
    def move_clock() -> Response:
        """Set the offset; signed like a push, so that only the sandbox can."""
        receiver.check_signature(request.args)
        try:
            offset = int(json.loads(request.get_data())["offset_seconds"])
        except (ValueError, KeyError, TypeError):
            raise AppError("invalid", "offset_seconds", 422) from None
        clock.set(offset)
        return jsonify(offset_seconds=offset)

    blueprint.register_error_handler(PushRefused, lambda refusal: (refusal.reason, refusal.status))
    blueprint.register_error_handler(AppError, lambda error: ({"code": error.code}, error.status))
    app.register_blueprint(blueprint)
