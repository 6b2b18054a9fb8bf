"""Every personal field of the platform says why it exists; the list in docs is the one that the code gives."""

from __future__ import annotations

from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from tongxin.accounts import privacy


@pytest.mark.row("S-01")
def test_no_personal_field_without_purpose_basis_and_retention() -> None:
    assert privacy.list_unannotated() == []
    for found in privacy.list_personal_fields():
        assert found.why.purpose, found.place
        assert "法" in found.why.basis, found.place
        assert found.why.retention_days > 0, found.place


def test_no_exception_outlives_its_field() -> None:
    assert privacy.list_stale_exceptions() == []


def test_a_mask_hides_what_it_should() -> None:
    for found in privacy.list_personal_fields():
        assert found.why.mask("王小明同志") != "王小明同志", found.place


def test_a_field_that_looks_personal_is_noticed(monkeypatch: Any) -> None:
    monkeypatch.delitem(privacy.NOT_PERSONAL, "organization.Body.name")
    assert privacy.list_unannotated() == ["organization.Body.name"]


@pytest.mark.row("S-02")
def test_the_document_is_the_one_the_code_gives() -> None:
    call_command("privacy_docs", "--check")


def test_an_old_document_is_noticed(settings: Any, tmp_path: Path) -> None:
    settings.BASE_DIR = tmp_path
    with pytest.raises(CommandError, match="过时"):
        call_command("privacy_docs", "--check")
    call_command("privacy_docs", stdout=StringIO())
    call_command("privacy_docs", "--check")
