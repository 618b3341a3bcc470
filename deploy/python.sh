#!/usr/bin/env bash
# Makes .venv with exactly the packages of requirements.lock, and this project in it as it lies here.
# With --find it prints the Python that it would take: $PYTHON or the first that is 3.11 or later.
set -euo pipefail

find_python() {
  local candidate
  for candidate in ${PYTHON:-} python3 python3.14 python3.13 python3.12 python3.11; do
    if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      echo "$candidate"
      return
    fi
  done
  return 1
}

if [ "${1:-}" = --find ]; then
  find_python
  exit
fi
if [ ! -x .venv/bin/python ]; then
  python=$(find_python)
  echo "making .venv with $("$python" --version)"
  "$python" -m venv .venv
fi
echo "installing the packages of requirements.lock"
pip=(.venv/bin/python -m pip install --quiet --disable-pip-version-check --no-input)
"${pip[@]}" --require-hashes -r requirements.lock
"${pip[@]}" --no-deps --editable .
