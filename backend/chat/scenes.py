"""Every kind of QR code that the account answers. A service with a new one adds its line to `SCENES`."""

from __future__ import annotations

from backend.marriage.scenes import CHECK_IN
from backend.staff.entry.scan import SCENE_PREFIX, note_scan
from workflows.chat.scenes import Scan, Scene, SceneAnswer, check_scenes


def _staff(scan: Scan) -> SceneAnswer:
    return SceneAnswer(note_scan(scan.app_id, scan.openid, SCENE_PREFIX + scan.rest))


SCENES: tuple[Scene, ...] = (
    Scene(SCENE_PREFIX, _staff),
    CHECK_IN,
)
check_scenes(SCENES)
