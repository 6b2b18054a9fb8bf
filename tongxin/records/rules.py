"""What a picture must be to be kept, and the form in which we keep it. Pure: bytes in, bytes out; no files, no tables.

A picture is recognised by its content, never by its name. It is decoded and encoded anew, so that nothing of the original file
survives but what the eye sees: no place, no camera, no hidden payload.
"""

from __future__ import annotations

import io
import threading
from dataclasses import dataclass

import pi_heif
from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

from tongxin.kernel import limits
from tongxin.kernel.errors import Invalid

pi_heif.register_heif_opener()

FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "HEIF")
THUMB_SIDE = 480
_QUALITY = 82
_KINDS = "JPG、PNG、WebP、HEIC 或 GIF"
# A picture of the largest allowed size takes some 200 MB while it is decoded; two at a time a process is enough.
_decoding = threading.BoundedSemaphore(2)


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture as it is kept: JPEG in sRGB, upright, without metadata."""

    data: bytes
    thumb: bytes
    width: int
    height: int


def make_picture(data: bytes) -> Picture:
    """Return the kept form of an uploaded file.

    Raises:
        Invalid: the file is empty, too large, no picture of an accepted kind, damaged, or has too many pixels.
    """
    if not data:
        raise Invalid("photo_empty", "照片文件是空的。", "请重新选择一张照片。", "photo")
    if len(data) > limits.PHOTO_BYTES:
        raise too_large(len(data))
    with _decoding:
        image = _decode(data)
        image.thumbnail((limits.PHOTO_SIDE, limits.PHOTO_SIDE), Image.Resampling.LANCZOS, reducing_gap=3.0)
        small = image.copy()
        small.thumbnail((THUMB_SIDE, THUMB_SIDE), Image.Resampling.LANCZOS, reducing_gap=3.0)
        return Picture(_encode(image), _encode(small), image.width, image.height)


def too_large(size: int) -> Invalid:
    """Return the refusal for a file of ``size`` bytes or more."""
    most = limits.PHOTO_BYTES // (1024 * 1024)
    return Invalid(
        "photo_too_large",
        f"照片太大（{size / 1048576:.1f} MB），每张不超过 {most} MB。",
        "请在相册里选“压缩”或“中等大小”后再传。",
        "photo",
        limit_bytes=limits.PHOTO_BYTES,
    )


def _decode(data: bytes) -> Image.Image:
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as image:
            if image.width * image.height > limits.PHOTO_PIXELS:
                raise _too_many_pixels()
            image.draft("RGB", (limits.PHOTO_SIDE, limits.PHOTO_SIDE))  # JPEG only: decode small what is shown small
            image.load()
            return _plain(image)
    except Image.DecompressionBombError:
        raise _too_many_pixels() from None
    except UnidentifiedImageError:
        raise Invalid(
            "photo_unknown", f"这个文件不是照片（能收 {_KINDS}）。", "请直接拍照，或从相册里选照片。", "photo"
        ) from None
    except (OSError, ValueError, SyntaxError, EOFError, RuntimeError, MemoryError, IndexError, TypeError):
        raise Invalid(
            "photo_damaged", "照片文件不完整，打不开。", "可能没有传完，请重新拍一张或再选一次。", "photo"
        ) from None


def _too_many_pixels() -> Invalid:
    most = limits.PHOTO_PIXELS // 1_000_000
    return Invalid(
        "photo_too_many_pixels",
        f"照片的像素太多，每张不超过 {most}00 万像素。",
        "请缩小后再传。",
        "photo",
        limit_pixels=limits.PHOTO_PIXELS,
    )


def _plain(image: Image.Image) -> Image.Image:
    """Return upright RGB pixels in sRGB, with transparency on white and no metadata left."""
    upright = ImageOps.exif_transpose(image)
    plain = _on_white(_in_srgb(upright, image.info.get("icc_profile")))
    plain.info = {}
    return plain


def _in_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    if not profile or image.mode not in ("RGB", "RGBA", "CMYK", "L"):
        return image
    mode = "RGBA" if image.mode == "RGBA" else "RGB"
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        done = ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode=mode)
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return image  # a broken profile says nothing about the colours; take them as they are
    return image if done is None else done


def _on_white(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I"):  # 16 and 32 bit grey: scale instead of clipping
        image = image.convert("I").point(lambda value: value / 256).convert("L")
    if image.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in image.info:
        seen = image.convert("RGBA")
        ground = Image.new("RGBA", seen.size, "white")
        return Image.alpha_composite(ground, seen).convert("RGB")
    return image.convert("RGB") if image.mode != "RGB" else image


def _encode(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=_QUALITY, optimize=True, progressive=True)
    return out.getvalue()
