"""QR codes as SVG, to be written into a page: no picture file, no style of its own, so any content policy allows it."""

from __future__ import annotations

import segno


def qr_svg(text: str, label: str) -> str:
    """A code that holds `text`, with `label` for those who cannot see it; it grows with its box."""
    made = segno.make(text, error="m", micro=False)
    # White behind it in a dark page too: telephones read dark on light.
    drawn: str = made.svg_inline(border=4, light="#fff", omitsize=True, svgclass="qr", lineclass=None, title=label)
    return drawn
