"""What becomes of an uploaded file: recognised by content, stripped, turned, shrunk, or refused with a sentence."""

from __future__ import annotations

import base64
import io
import struct
import zlib
from typing import Any

import pytest
from PIL import Image, ImageCms

from tongxin.kernel import limits
from tongxin.kernel.errors import Invalid
from tongxin.records.rules import THUMB_SIDE, make_picture


def encoded(image: Image.Image, kind: str, **options: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def noise(width: int = 64, height: int = 48) -> Image.Image:
    return Image.effect_noise((width, height), 80).convert("RGB")


def read(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


def refused(data: bytes) -> Invalid:
    with pytest.raises(Invalid) as caught:
        make_picture(data)
    assert caught.value.what.endswith("。")
    assert caught.value.mend.endswith("。")
    return caught.value


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF"])
def test_each_accepted_kind_becomes_a_jpeg_of_the_same_size(kind: str) -> None:
    picture = make_picture(encoded(noise(), kind))
    kept = read(picture.data)
    assert (kept.format, kept.mode, kept.size) == ("JPEG", "RGB", (64, 48))
    assert (picture.width, picture.height) == (64, 48)


# 64 × 48 of plain red-brown, made with libheif's heif-enc: no Python library here writes HEIC.
HEIC = base64.b64decode(
    "AAAAHGZ0eXBoZWljAAAAAG1pZjFoZWljbWlhZgAAAa1tZXRhAAAAAAAAACFoZGxyAAAAAAAAAABwaWN0AAAAAAAAAAAAAAAA"
    "AAAAAA5waXRtAAAAAAACAAAAEGlkYXQAAAAAAEAAMAAAADhpbG9jAQAAAERAAAIAAQAAAAAAAAHRAAEAAAAAAAAAGgACAAEA"
    "AAAAAAAAAQAAAAAAAAAIAAAAOGlpbmYAAAAAAAIAAAAVaW5mZQIAAAEAAQAAaHZjMQAAAAAVaW5mZQIAAAAAAgAAZ3JpZAAA"
    "AADYaXBycAAAALZpcGNvAAAAdmh2Y0MBA3AAAAAAAAAAAAAe8AD8/fj4AAAPAyAAAQAYQAEMAf//A3AAAAMAkAAAAwAAAwAe"
    "ugJAIQABACpCAQEDcAAAAwCQAAADAAADAB6gIIEFlurkprm4EBAwIAAAAwAgAAADACEiAAEABkQBwXPAiQAAABRpc3BlAAAA"
    "AAAAAEAAAABAAAAAFGlzcGUAAAAAAAAAQAAAADAAAAAQcGl4aQAAAAADCAgIAAAAGmlwbWEAAAAAAAAAAgABAoECAAICA4QA"
    "AAAaaXJlZgAAAAAAAAAOZGltZwACAAEAAQAAACJtZGF0AAAAFigBrxmA70mlv//If3/flr/e61pj5uA="
)


def test_a_phones_heic_is_accepted() -> None:
    picture = make_picture(HEIC)
    assert (picture.width, picture.height) == (64, 48)
    red, green, _ = read(picture.data).getpixel((30, 20))  # type: ignore[misc]
    assert red > 150 > 100 > green


def test_a_heic_that_broke_off_is_refused() -> None:
    assert refused(HEIC[:400]).code in ("photo_damaged", "photo_unknown")


def test_place_camera_and_comment_are_gone() -> None:
    exif = Image.Exif()
    exif[0x010F] = "SecretCamera"
    exif.get_ifd(0x8825)[1] = "N"
    exif.get_ifd(0x8825)[2] = (29.0, 47.0, 12.0)
    data = encoded(noise(), "JPEG", exif=exif, comment=b"secret words", xmp=b"<x:xmpmeta>secret</x:xmpmeta>")
    picture = make_picture(data)
    for kept in (picture.data, picture.thumb):
        image = read(kept)
        assert len(image.getexif()) == 0
        assert "comment" not in image.info
        assert "icc_profile" not in image.info
        assert b"ecret" not in kept


def test_a_sideways_picture_stands_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was turned
    kept = read(make_picture(encoded(noise(64, 32), "JPEG", exif=exif)).data)
    assert kept.size == (32, 64)


def test_a_large_picture_is_shrunk_and_has_a_small_one() -> None:
    picture = make_picture(encoded(Image.new("RGB", (4000, 1000), "teal"), "JPEG"))
    assert (picture.width, picture.height) == (limits.PHOTO_SIDE, limits.PHOTO_SIDE // 4)
    assert max(read(picture.thumb).size) == THUMB_SIDE


def test_what_shines_through_becomes_white() -> None:
    kept = read(make_picture(encoded(Image.new("RGBA", (8, 8), (0, 0, 0, 0)), "PNG")).data)
    assert kept.getpixel((4, 4)) == (255, 255, 255)


def test_sixteen_bit_grey_is_scaled_not_clipped() -> None:
    kept = read(make_picture(encoded(Image.new("I;16", (8, 8), 32768), "PNG")).data)
    assert 120 <= kept.getpixel((4, 4))[0] <= 136  # type: ignore[index]


def test_a_broken_colour_profile_does_not_spoil_the_picture() -> None:
    good = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for profile in (good, good[:100], b"rubbish"):
        kept = read(make_picture(encoded(noise(), "PNG", icc_profile=profile)).data)
        assert "icc_profile" not in kept.info


def test_the_first_frame_of_a_moving_picture_counts() -> None:
    frames = [Image.new("RGB", (8, 8), "red"), Image.new("RGB", (8, 8), "blue")]
    data = encoded(frames[0], "GIF", save_all=True, append_images=frames[1:])
    red, _, blue = read(make_picture(data).data).getpixel((4, 4))  # type: ignore[misc]
    assert red > 200 > 60 > blue


@pytest.mark.parametrize(
    "data",
    [
        b"MZ\x90\x00" + b"\0" * 200,  # a program named holiday.jpg
        b"\x7fELF" + b"\0" * 200,
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"%PDF-1.7\n",
        b"PK\x03\x04" + b"\0" * 100,
        b"<!doctype html><script>alert(1)</script>",
        b"BM" + b"\0" * 100,  # a picture, but of a kind that nobody's camera makes
        b"GIF8",
        b"x",
    ],
)
def test_what_is_no_picture_is_refused(data: bytes) -> None:
    assert refused(data).code in ("photo_unknown", "photo_damaged")


def test_an_empty_file_is_refused() -> None:
    assert refused(b"").code == "photo_empty"


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_picture_that_broke_off_is_refused(kind: str) -> None:
    data = encoded(noise(400, 300), kind)
    assert refused(data[: len(data) // 2]).code in ("photo_damaged", "photo_unknown")


def test_a_file_above_the_limit_is_refused() -> None:
    fault = refused(b"\xff\xd8" + b"\0" * limits.PHOTO_BYTES)
    assert fault.code == "photo_too_large"
    assert "15 MB" in fault.what


def png_of(width: int, height: int) -> bytes:
    """A tiny file that claims to be a huge picture."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 100)) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("side", [8_000, 30_000, 60_000])
def test_a_decompression_bomb_is_refused_before_it_is_unpacked(side: int) -> None:
    assert refused(png_of(side, side)).code == "photo_too_many_pixels"
