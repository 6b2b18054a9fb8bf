"""Pictures that come with a form: ids of those sent ahead, and files that came along from browsers without scripts."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.core.files.uploadedfile import UploadedFile

from tongxin.records import api as records
from tongxin.web.fields import Schema, read
from tongxin.web.request import Request


def keep(request: Request, file: UploadedFile) -> records.Attachment:
    """Keep a picture that came with a form (for browsers without scripts the files come with the form itself)."""
    return records.keep_photo(
        request.district.id, file, declared_name=file.name or "", user_id=request.actor.user_id, now=request.now
    )


def photo_ids(request: Request, key: str = "photos") -> list[str]:
    """The pictures of a form that was sent: ids of those sent ahead, and files that came along (kept now).

    Raises:
        Invalid: a file is no picture that we keep.
    """
    return [value for value in request.POST.getlist(key) if value] + [
        str(keep(request, file).pk) for file in request.FILES.getlist(key) if file
    ]


def read_form(request: Request, schemas: Iterable[Schema]) -> dict[str, Any]:
    """Return the raw values of a form with its pictures (0 statements, 1 a file that came along).

    Raises:
        Invalid: a file is no picture that we keep.
    """
    fields = list(schemas)
    values = read(fields, request.POST)
    for field in fields:
        if field.type == "photos" and (ids := photo_ids(request, field.key)):
            values[field.key] = ids
    return values
