"""Apache Kafka's jars: those of `KAFKA_HOME`, else those that Maven copied into the cache.

`pom.xml` beside this file names the version. The cache is `$XDG_CACHE_HOME/ioc-pipeline/kafka-<hash of the pom>`, so a
new version is a new folder, and checkouts share one. `python -m deploy.embedded.kafka_jars` fills it.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from ioc.errors import ConfigError

POM = Path(__file__).with_name("pom.xml")
_MAVEN_TIMEOUT_S = 900.0


def jar_cache() -> Path:
    """The folder that Maven's copies live in; it is complete if it exists."""
    base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return base / "ioc-pipeline" / f"kafka-{hashlib.sha256(POM.read_bytes()).hexdigest()[:12]}"


def find_jars() -> Path:
    """The folder of jars to run the broker from.

    Raises:
        ConfigError: `KAFKA_HOME` holds none, or nothing was copied yet.
    """
    home = os.environ.get("KAFKA_HOME")
    if home:
        libs = Path(home) / "libs"
        if not any(libs.glob("kafka_*.jar")):
            raise ConfigError(
                f"KAFKA_HOME={home} has no libs/kafka_*.jar; point it at an unpacked Apache Kafka or unset it"
            )
        return libs
    cache = jar_cache()
    if not cache.is_dir():
        raise ConfigError(
            f"Kafka's jars are not in {cache}; run `make setup` (it copies them by Maven), or set KAFKA_HOME to an "
            "unpacked Apache Kafka, or set embedded.kafka = false and kafka.bootstrap to a broker of your own"
        )
    return cache


def fetch_jars() -> Path:
    """Copies the jars by Maven into the cache unless they are there; returns the folder.

    Raises:
        ConfigError: there is no Maven, or it failed; the message ends with what it said.
    """
    cache = jar_cache()
    if cache.is_dir():
        return cache
    if not shutil.which("mvn"):
        raise ConfigError(
            "Kafka's jars are copied by Maven and there is no mvn on the path; install it (Debian: apt-get install "
            "maven) or set KAFKA_HOME to an unpacked Apache Kafka"
        )
    cache.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache.parent, prefix="copying-") as scratch:
        target = Path(scratch) / "jars"
        command = [
            "mvn", "--quiet", "--batch-mode", "--file", str(POM), "dependency:copy-dependencies",
            "-DincludeScope=runtime", f"-DoutputDirectory={target}",
        ]  # fmt: skip
        answer = subprocess.run(
            command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False, timeout=_MAVEN_TIMEOUT_S
        )
        if answer.returncode or not any(target.glob("kafka_*.jar")):
            said = (answer.stdout + answer.stderr).strip()[-2000:]
            raise ConfigError(f"Maven could not copy Kafka's jars (exit code {answer.returncode}):\n{said}")
        try:
            target.rename(cache)
        except OSError:  # another run was first; its copy is as good
            if not cache.is_dir():
                raise
    return cache


def main() -> int:
    """Fills the cache and prints where the jars are."""
    try:
        sys.stdout.write(f"{find_jars() if os.environ.get('KAFKA_HOME') else fetch_jars()}\n")
    except ConfigError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
