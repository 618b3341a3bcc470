"""Finds a Java that can run the broker."""

import os
import re
import shutil
import subprocess
from pathlib import Path

from ioc.errors import ConfigError

MINIMUM = 17
"""Kafka 4 brokers need Java 17 (KIP-1013)."""

_VERSION = re.compile(r'version "(\d+)(?:\.(\d+))?')
_HINT = f"install Java {MINIMUM} or later (Debian: apt-get install openjdk-17-jre-headless) or set JAVA_HOME to one"


def find_java() -> Path:
    """The `java` of `JAVA_HOME`, else the one on the path, if it is new enough.

    Raises:
        ConfigError: there is none, it does not run, or it is older than `MINIMUM`.
    """
    home = os.environ.get("JAVA_HOME")
    found = Path(home) / "bin" / "java" if home else Path(shutil.which("java") or "")
    if not os.access(found, os.X_OK) or not found.is_file():
        where = f"JAVA_HOME={home} has no bin/java" if home else "there is no java on the path"
        raise ConfigError(f"Kafka needs Java and {where}; {_HINT}")
    answer = subprocess.run([found, "-version"], capture_output=True, text=True, check=False)
    version = java_version(answer.stderr + answer.stdout)
    if version is None:
        raise ConfigError(f"{found} -version (exit code {answer.returncode}) names no version; {_HINT}")
    if version < MINIMUM:
        raise ConfigError(f"{found} is Java {version}, too old for Kafka; {_HINT}")
    return found


def java_version(text: str) -> int | None:
    """The feature version in the text that `java -version` prints: 17 of `17.0.15`, 8 of `1.8.0_392`."""
    match = _VERSION.search(text)
    if not match:
        return None
    major = int(match[1])
    return int(match[2] or 0) if major == 1 else major
