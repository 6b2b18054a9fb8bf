"""Simple drawn pictures that stand for residents' photos. Plainly drawings, each marked 示意."""

from __future__ import annotations

import io
import random

from PIL import Image, ImageDraw, ImageFont

_SIZE = (480, 360)
_INKS = ("#8a5a44", "#4f6d7a", "#7a6f45", "#5b6e4f", "#6b5b7a")
_FONTS = (
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
    "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc",
)


def draw(chance: random.Random) -> io.BytesIO:
    """Return a small PNG: sky, houses, a road, something circled in red, and the word 示意 (or DEMO without a Chinese font)."""
    image = Image.new("RGB", _SIZE, "#dfe9ef")
    pen = ImageDraw.Draw(image)
    width, height = _SIZE
    left = 0
    while left < width:
        wide, high = chance.randint(50, 110), chance.randint(90, 190)
        pen.rectangle((left, 250 - high, left + wide, 250), fill=chance.choice(_INKS))
        for x in range(left + 10, left + wide - 14, 24):
            for y in range(262 - high, 236, 30):
                pen.rectangle((x, y, x + 12, y + 16), fill="#f3e9c6" if chance.random() < 0.4 else "#cdd6da")
        left += wide + chance.randint(4, 14)
    pen.rectangle((0, 250, width, height), fill="#9aa0a3")
    for x in range(10, width, 60):
        pen.rectangle((x, 304, x + 30, 309), fill="#f4f4f4")
    x, y = chance.randint(90, 390), chance.randint(220, 320)
    pen.ellipse((x - 24, y - 14, x + 24, y + 14), fill="#5a4a3a")
    pen.ellipse((x - 46, y - 36, x + 46, y + 36), outline="#c62828", width=5)
    font, word = _font()
    pen.rectangle((0, 0, 96, 40), fill="#ffffff")
    pen.text((10, 6), word, fill="#333333", font=font)
    out = io.BytesIO()
    image.save(out, "PNG")
    out.seek(0)
    return out


def _font() -> tuple[ImageFont.FreeTypeFont | ImageFont.ImageFont, str]:
    for path in _FONTS:
        try:
            return ImageFont.truetype(path, 24), "示意"
        except OSError:
            continue
    return ImageFont.load_default(24), "DEMO"
