"""The seed rows and what proves them: docs/features.md and `make rows`, read from docs/rows.csv, the tests' marks and the packs.

A row is done when a test carries `@pytest.mark.row("XN-09")`; nobody keeps the state by hand. Standard library only.
"""

import ast
import csv
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache

from steps import ROOT, say

ROWS, FEATURES = ROOT / "docs" / "rows.csv", ROOT / "docs" / "features.md"
LOCALITIES = {"XN": "xiuning", "ZS": "zhongshan", "YH": "yuhu", "WH": "wuhan", "XG": "xigu"}
SEED = re.compile(r"\b((?:XN|ZS|YH|WH|XG)-\d{2})\b")
HEAD = """# 条目与证明 · rows and their proofs

> 由 `tools/rows.py` 从 `docs/rows.csv`、测试上的 `@pytest.mark.row("XN-09")` 和资料包生成，请不要直接改；`make check` 会核对它。
> 有测试证明的条目才算完成；跑一条的证明：`pytest -m row_XN_09`；各地完成数：`make rows`。

"""


@dataclass(frozen=True)
class Row:
    """A row of the inventory, the pack files that name it and the tests that prove it."""

    id: str
    name: str
    tag: str
    meaning: str
    files: list[str] = field(default_factory=list)
    proofs: list[str] = field(default_factory=list)

    @property
    def locality(self) -> str:
        """The folder of the locality whose article the row is from."""
        return LOCALITIES[self.id[:2]]


def read_rows() -> list[Row]:
    """All rows in the order of the inventory, with files and proofs."""
    proofs, files = find_proofs(), find_files()
    with ROWS.open(encoding="utf-8", newline="") as lines:
        rows = [Row(**line, files=files.get(line["id"], []), proofs=proofs.get(line["id"], [])) for line in csv.DictReader(lines)]  # fmt: skip
    return rows


@cache
def find_proofs() -> dict[str, list[str]]:
    """Row or norm → the tests marked with it, as pytest calls them."""
    found: dict[str, list[str]] = {}
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        text = path.read_text(encoding="utf-8")
        if "mark.row" not in text:
            continue
        name = path.relative_to(ROOT).as_posix()
        for ident, test in _marks(ast.parse(text)):
            proof = f"{name}::{test}" if test else name
            if proof not in found.setdefault(ident, []):
                found[ident].append(proof)
    for ident, proof in _stories():
        found.setdefault(ident, []).append(proof)
    return found


def _stories() -> Iterator[tuple[str, str]]:
    """(row, test) of the stories that are told in YAML: what each says that it ``proves``."""
    test = "tests/stories/test_affairs.py::test_it_is_walked_from_its_opening_to_every_end"
    for path in sorted((ROOT / "tests" / "stories" / "affairs").glob("*.yaml")):
        story = ""
        for line in path.read_text(encoding="utf-8").splitlines():
            story = line.rstrip(":") if line.endswith(":") and not line.startswith(" ") else story
            if line.startswith("  proves:"):
                yield from ((ident, f"{test}[{path.stem}-{story}]") for ident in SEED.findall(line))


def _marks(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """(row, test) of every mark; one outside a test function stands for the whole file."""
    for top in tree.body:
        inner = top.body if isinstance(top, ast.ClassDef) else [top]
        for node in inner:
            test = node.name if isinstance(node, ast.FunctionDef) and node.name.startswith("test_") else ""
            test = f"{top.name}::{test}" if test and isinstance(top, ast.ClassDef) else test
            for call in ast.walk(node):
                if isinstance(call, ast.Call) and ast.unparse(call.func) == "pytest.mark.row":
                    yield from ((arg.value, test) for arg in call.args if isinstance(arg, ast.Constant))


def find_files() -> dict[str, list[str]]:
    """Row → the files of its locality (else of the common packs) that name it."""
    found: dict[str, list[str]] = {}
    for path in sorted((ROOT / "localities").rglob("*.yaml")):
        folder = path.relative_to(ROOT / "localities").parts[0]
        for ident in set(SEED.findall(path.read_text(encoding="utf-8"))):
            if folder == LOCALITIES[ident[:2]] or folder.startswith("_"):
                found.setdefault(ident, []).append(path.relative_to(ROOT / "localities").as_posix())
    return {ident: sorted(files, key=lambda file: (file.startswith("_"), file)) for ident, files in found.items()}


def faults(rows: list[Row]) -> list[str]:
    """Rows that are written wrongly, marks of rows that are not there."""
    known = {row.id for row in rows}
    said = [f"docs/rows.csv: {row.id} 重复" for row in rows if sum(other.id == row.id for other in rows) > 1]
    for ident, proofs in find_proofs().items():
        if ident[:2] in LOCALITIES and ident not in known:
            said.append(f"{proofs[0]}: 没有条目 {ident}")
    return said


def render(rows: list[Row]) -> str:
    """The whole page."""
    page = HEAD + _count_table(rows)
    for prefix, folder in LOCALITIES.items():
        page += f"\n## {prefix} · `localities/{folder}`\n\n| 条目 | 名称 | 类 | 意思 | 状态 | 资料包 | 证明 |\n|---|---|---|---|---|---|---|\n"
        for row in rows:
            if row.id.startswith(prefix):
                state = "完成" if row.proofs else "未做"
                files = "<br>".join(f"`{file}`" for file in row.files[:4]) or "—"
                proofs = "<br>".join(f"`{proof.removeprefix('tests/')}`" for proof in row.proofs[:4]) or "—"
                page += f"| {row.id} | {row.name} | {row.tag} | {row.meaning} | {state} | {files} | {proofs} |\n"
    return page


def _count_table(rows: list[Row]) -> str:
    lines = ["| 地方 | 完成 | 未做 | 共 |", "|---|---|---|---|"]
    for name, mine in [*((folder, _of(rows, folder)) for folder in LOCALITIES.values()), ("**共**", rows)]:
        done = sum(bool(row.proofs) for row in mine)
        lines.append(f"| {name} | {done} | {len(mine) - done} | {len(mine)} |")
    return "\n".join(lines) + "\n"


def _of(rows: list[Row], folder: str) -> list[Row]:
    return [row for row in rows if row.locality == folder]


def main(arguments: list[str]) -> int:
    """`rows.py` counts, `rows.py write` writes the page, `rows.py check` compares it; returns the exit code."""
    rows = read_rows()
    said = faults(rows)
    for line in said:
        say(f"✗ {line}")
    if arguments == ["write"]:
        FEATURES.write_text(render(rows), encoding="utf-8")
    elif arguments == ["check"]:
        if not FEATURES.exists() or FEATURES.read_text(encoding="utf-8") != render(rows):
            said.append("stale")
            say("✗ docs/features.md 已旧，请运行 make features · is stale")
    else:
        for folder in LOCALITIES.values():
            mine = _of(rows, folder)
            left = [row.id for row in mine if not row.proofs]
            say(f"{folder:10} 完成 {len(mine) - len(left):3} · 未做 {len(left):3}   {' '.join(left)}")
        done = sum(bool(row.proofs) for row in rows)
        say(f"{'':10} 完成 {done:3} · 未做 {len(rows) - done:3} · 共 {len(rows)} 条")
    return 1 if said else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
