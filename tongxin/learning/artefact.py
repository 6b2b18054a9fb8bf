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
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from tongxin.learning.attention import PLACES, SentenceNetwork
from tongxin.learning.classify import Calibration, Card, ClassFigures, Model
from tongxin.learning.errors import LearningError
from tongxin.learning.judges import SAYS, Judges
from tongxin.learning.network import Network
from tongxin.learning.vectors import View, read_lexicon

Array = npt.NDArray[Any]
FORM = "tongxin-classifier-2"  # 2: a judge reads sentences
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
        "threshold": model.threshold,
        "card": asdict(model.card),
    }
    arrays = {
        **model.lexicon.arrays(),
        "weights": model.judges.weights,
        "offsets": model.judges.offsets,
        "scales": model.calibration.scales,
        "bias": model.calibration.bias,
        **_parts(model.judges.network, "network"),
        **_parts(model.judges.reader, "reader"),
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
    network = Network(**_fields(kept, "network"))
    reader = SentenceNetwork(**_fields(kept, "reader"))
    judges = Judges(kept["weights"], kept["offsets"], network, reader)
    _check(judges, len(lexicon), len(codes))
    if (kept["scales"].shape, kept["bias"].shape) != ((SAYS,), (len(codes),)):
        raise ValueError("calibration differs in size")
    calibration = Calibration(kept["scales"], kept["bias"])
    return Model(codes, lexicon, judges, calibration, told["threshold"], _card(told["card"]))


def _parts(network: Network | SentenceNetwork, name: str) -> dict[str, Array]:
    """The arrays of a network by name; half precision where they are many moves a confidence by less than 0.001."""
    parts = {f"{name}.{field.name}": getattr(network, field.name) for field in fields(network)}
    return {**parts, f"{name}.inner": network.inner.astype(np.float16)}


def _fields(kept: dict[str, Array], name: str) -> dict[str, Array]:
    parts = {key.removeprefix(name + "."): value for key, value in kept.items() if key.startswith(name + ".")}
    return {key: value.astype(np.float32) for key, value in parts.items()}


def _check(judges: Judges, pieces: int, classes: int) -> None:
    """Raises ValueError where parts do not fit together: they would fail, or worse, in the middle of an answer."""
    one, other = judges.network, judges.reader
    cells, more, heads = one.inner.shape[1], other.inner.shape[1], other.heed.shape[1]
    found = [part.shape for part in (judges.weights, judges.offsets)]
    found += [getattr(net, field.name).shape for net in (one, other) for field in fields(net)]
    if more % heads or found != [
        (pieces, classes), (classes,),
        (pieces, cells), (cells,), (cells, classes), (classes,),
        (pieces, more), (more,), (more,), (more, heads), (PLACES, heads), (more, classes), (classes,),
    ]:  # fmt: skip
        raise ValueError("parts differ in size")


def _card(told: dict[str, Any]) -> Card:
    classes = tuple(ClassFigures(**line) for line in told.pop("classes"))
    left_out, notes = tuple(told.pop("left_out")), tuple(told.pop("notes"))
    return Card(**told, classes=classes, left_out=left_out, notes=notes)
