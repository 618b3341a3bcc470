#!/usr/bin/env bash
# Makes .venv with exactly the packages of requirements.lock, and this project in it as it lies here.
set -euo pipefail

if [ ! -x .venv/bin/python ]; then
  for candidate in ${PYTHON:-} python3 python3.14 python3.13 python3.12 python3.11; do
    if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      echo "making .venv with $("$candidate" --version)"
      "$candidate" -m venv .venv
      break
    fi
  done
fi
echo "installing the packages of requirements.lock"
pip=(.venv/bin/python -m pip install --quiet --disable-pip-version-check --no-input)
"${pip[@]}" --require-hashes -r requirements.lock
"${pip[@]}" --no-deps --editable .
