"""The files of the repository, as git tracks them (all files where there is no git, as in an unpacked archive)."""

import subprocess
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
_NOT_OURS = {".git", ".venv", "var", "build", "dist", "node_modules", "__pycache__"}


@cache
def tracked() -> tuple[str, ...]:
    """Paths from the root, with slashes."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if listed.returncode == 0:
        names = [name for name in listed.stdout.decode().split("\0") if name and (ROOT / name).is_file()]
    else:
        files = (file.relative_to(ROOT) for file in ROOT.rglob("*") if file.is_file())
        names = [file.as_posix() for file in files if not _NOT_OURS & set(file.parts)]
    return tuple(sorted(names))


def read(name: str) -> str:
    """The text of a file."""
    return (ROOT / name).read_text(encoding="utf-8")
