"""A model file is whole or refused with a sentence, and reading it runs nothing."""

from __future__ import annotations

import hashlib
import io
import json
import os
from pathlib import Path

import numpy as np
import pytest

from tests.unit.learning.corpus import examples
from tongxin.learning import api as learning
from tongxin.learning.artefact import FORM


@pytest.fixture
def kept(model: learning.Model, tmp_path: Path) -> Path:
    path = tmp_path / "classes.model"
    learning.save_model(model, path)
    return path


def test_it_reads_back_the_same(model: learning.Model, kept: Path) -> None:
    again = learning.load_model(kept)
    texts = [example.text for example in examples()[::7]]
    assert np.abs(again.confidences(texts) - model.confidences(texts)).max() < 0.005
    assert again.predict(texts[0]).because == model.predict(texts[0]).because
    assert (again.card, again.codes, again.threshold) == (model.card, model.codes, model.threshold)


def test_a_missing_file_is_not_a_broken_one(tmp_path: Path) -> None:
    with pytest.raises(learning.LearningError, match="还没有训练好") as refused:
        learning.load_model(tmp_path / "none")
    assert refused.value.code == "no_model"


@pytest.mark.parametrize("share", [0.0, 0.0001, 0.5, 0.999])
def test_a_file_cut_short_is_refused(kept: Path, share: float) -> None:
    whole = kept.read_bytes()
    kept.write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(learning.LearningError, match="分类模型文件不能用") as refused:
        learning.load_model(kept)
    assert refused.value.mend


def test_one_changed_byte_is_found(kept: Path) -> None:
    whole = bytearray(kept.read_bytes())
    whole[len(whole) // 2] ^= 1
    kept.write_bytes(whole)
    with pytest.raises(learning.LearningError, match="校验和不符"):
        learning.load_model(kept)


@pytest.mark.parametrize("content", [b"", b"hello", b"\x80\x04K\x01.", b'{"form": "other"}\n', b"[]\n", b"\xff" * 9000])
def test_what_is_no_model_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "other").write_bytes(content)
    with pytest.raises(learning.LearningError, match="分类模型文件不能用"):
        learning.load_model(tmp_path / "other")


def test_a_file_of_the_earlier_form_is_refused_with_a_sentence(kept: Path) -> None:
    """Form 1 had no judge of sentences: retraining is what mends it, and the page goes on without."""
    head, body = kept.read_bytes().split(b"\n", 1)
    kept.write_bytes(head.replace(FORM.encode(), b"tongxin-classifier-1") + b"\n" + body)
    with pytest.raises(learning.LearningError, match="版式不认识") as refused:
        learning.load_model(kept)
    assert "重新训练" in refused.value.mend


def _with_body(path: Path, body: bytes) -> None:
    head = {"form": FORM, "bytes": len(body), "sha256": hashlib.sha256(body).hexdigest()}
    path.write_bytes(json.dumps(head).encode() + b"\n" + body)


class _Trap:
    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, ("trapped",)


def test_pickled_objects_are_never_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    body = io.BytesIO()
    np.savez(body, told=np.array([_Trap()], dtype=object))
    _with_body(tmp_path / "trap", body.getvalue())
    with pytest.raises(learning.LearningError, match="各部分对不上"):
        learning.load_model(tmp_path / "trap")
    assert not (tmp_path / "trapped").exists()


@pytest.mark.parametrize("name", ["weights", "reader.inner", "reader.heed", "network.outer", "scales", "bias"])
def test_parts_of_two_models_do_not_pass(kept: Path, name: str) -> None:
    body = kept.read_bytes().split(b"\n", 1)[1]
    parts = dict(np.load(io.BytesIO(body)))
    parts[name] = parts[name][:-1]
    mixed = io.BytesIO()
    np.savez(mixed, **parts)
    _with_body(kept, mixed.getvalue())
    with pytest.raises(learning.LearningError, match="各部分对不上"):
        learning.load_model(kept)


def test_when_writing_fails_the_old_file_stays(
    model: learning.Model, kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = kept.read_bytes()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"):
        learning.save_model(model, kept)
    assert kept.read_bytes() == before
    assert [path.name for path in kept.parent.iterdir()] == [kept.name]
