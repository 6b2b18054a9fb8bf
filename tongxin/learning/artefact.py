"""Keep a model in one file and read it back. Numbers and JSON only: reading runs nothing that the file says.

The file: one line of JSON (form, bytes, sha256 of what follows), then a numpy archive read with ``allow_pickle`` off.
The checksum finds damage, not malice: who may write the folder is the installation's matter.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import tempfile
import zipfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from tongxin.learning.classify import Calibration, Card, ClassFigures, Model
from tongxin.learning.errors import LearningError
from tongxin.learning.network import Network
from tongxin.learning.vectors import View, read_lexicon

FORM = "tongxin-classifier-1"
LARGEST_BYTES = 512 * 1024 * 1024
_HEAD_BYTES = 4_096


def save_model(model: Model, path: Path) -> None:
    """Write the model whole or not at all: a new file beside ``path``, flushed, then put in its place.

    Raises OSError when the disk refuses; what stood at ``path`` is then untouched.
    """
    body = _pack(model)
    head = {"form": FORM, "bytes": len(body), "sha256": hashlib.sha256(body).hexdigest(), "version": model.version}
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=path.name + ".", suffix=".new")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(json.dumps(head).encode() + b"\n")
            file.write(body)
            file.flush()
            os.fsync(file.fileno())
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def load_model(path: Path) -> Model:
    """Read a kept model.

    Raises: LearningError when the file is missing, cut, changed, of another form, or does not hold together.
    """
    try:
        if path.stat().st_size > LARGEST_BYTES:
            raise _broken("文件过大")
        with path.open("rb") as file:
            head, body = file.readline(_HEAD_BYTES), file.read()
    except FileNotFoundError:
        raise LearningError(
            "no_model", "还没有训练好的分类模型。", "先按关键词规则给出建议；积累办结事项后训练。"
        ) from None
    except OSError as problem:
        raise _broken(problem.strerror or "读不出") from problem
    told = _head(head)
    if len(body) != told.get("bytes"):
        raise _broken(f"应有 {told.get('bytes')} 字节，只有 {len(body)} 字节，可能写到一半就断了")
    if hashlib.sha256(body).hexdigest() != told.get("sha256"):
        raise _broken("校验和不符，内容被改动或损坏")
    try:
        return _unpack(body)
    except (KeyError, ValueError, TypeError, IndexError, zipfile.BadZipFile, EOFError) as problem:
        raise _broken("各部分对不上") from problem


def _broken(why: str) -> LearningError:
    return LearningError(
        "broken_model", f"分类模型文件不能用：{why}。", "暂按关键词规则给出建议；请重新训练或恢复备份。"
    )


def _head(line: bytes) -> dict[str, Any]:
    try:
        told = json.loads(line)
    except ValueError:
        raise _broken("不是模型文件，或开头已损坏") from None
    if not isinstance(told, dict) or told.get("form") != FORM:
        raise _broken("版式不认识，可能由别的版本写成")
    return told


def _pack(model: Model) -> bytes:
    told = {
        "codes": model.codes,
        "views": [asdict(view) for view in model.lexicon.views],
        "calibration": [model.calibration.linear, model.calibration.network],
        "threshold": model.threshold,
        "card": asdict(model.card),
    }
    arrays = {
        **model.lexicon.arrays(),
        "weights": model.weights,
        "offsets": model.offsets,
        "bias": model.calibration.bias,
        "inner": model.network.inner.astype(np.float16),  # half precision moves a confidence by less than 0.001
        "inner_bias": model.network.inner_bias,
        "outer": model.network.outer,
        "outer_bias": model.network.outer_bias,
        "told": np.frombuffer(json.dumps(told, ensure_ascii=False).encode(), dtype=np.uint8),
    }
    whole = io.BytesIO()
    np.savez(whole, allow_pickle=False, **arrays)
    return whole.getvalue()


def _unpack(body: bytes) -> Model:
    with np.load(io.BytesIO(body), allow_pickle=False) as archive:
        kept = {name: archive[name] for name in archive.files}
    told = json.loads(kept["told"].tobytes())
    lexicon = read_lexicon([View(**view) for view in told["views"]], kept)
    codes = tuple(told["codes"])
    network = Network(kept["inner"].astype(np.float32), kept["inner_bias"], kept["outer"], kept["outer_bias"])
    shapes = (kept["weights"].shape, network.inner.shape[0], network.outer.shape, kept["bias"].shape)
    if shapes != ((len(lexicon), len(codes)), len(lexicon), (network.inner.shape[1], len(codes)), (len(codes),)):
        raise ValueError("parts differ in size")
    linear, share = told["calibration"]
    calibration = Calibration(float(linear), float(share), kept["bias"])
    return Model(
        codes, lexicon, kept["weights"], kept["offsets"], network, calibration, told["threshold"], _card(told["card"])
    )


def _card(told: dict[str, Any]) -> Card:
    classes = tuple(ClassFigures(**line) for line in told.pop("classes"))
    left_out, notes = tuple(told.pop("left_out")), tuple(told.pop("notes"))
    return Card(**told, classes=classes, left_out=left_out, notes=notes)
