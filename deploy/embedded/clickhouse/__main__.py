"""`python -m deploy.embedded.clickhouse --config FILE.json`: runs the front in the foreground until SIGTERM."""

import argparse
import asyncio
import logging
import sys
from pathlib import Path

from deploy.embedded.clickhouse.config import FrontSettings
from deploy.embedded.clickhouse.users import Users
from ioc.errors import FatalError

LOG_FORMAT = "%(asctime)s %(levelname)s %(name)s %(message)s"


def main() -> int:
    """Runs the front; the exit code is 0 after an orderly stop, 1 if it could not start, with one sentence why."""
    parser = argparse.ArgumentParser(prog="python -m deploy.embedded.clickhouse", description=__doc__)
    parser.add_argument("--config", type=Path, help="JSON file with the settings below")
    for flag in ("data", "users", "host", "native-port", "http-port", "memory-limit-mib", "max-queries"):
        parser.add_argument(f"--{flag}", metavar="VALUE")
    parser.add_argument("--log-level", default="info", choices=("debug", "info", "warning", "error"))
    arguments = vars(parser.parse_args())
    logging.basicConfig(level=arguments.pop("log_level").upper(), format=LOG_FORMAT, stream=sys.stderr)
    config = arguments.pop("config")
    try:
        settings = FrontSettings.load(config, {name: value for name, value in arguments.items() if value is not None})
        users = Users.from_file(settings.users)
        from deploy.embedded.clickhouse.server import Front  # the engine takes a second to load: settings come first

        asyncio.run(Front(settings, users).serve())
    except FatalError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
