#!/usr/bin/env bash
# Sees to the programs that the stack (`up`) or its tests (`test`) need beside Python's packages: installs Debian's packages
# where it may (root, or sudo without a password), else names exactly what to install. Usage: deploy/setup.sh up|test
set -euo pipefail

goal=${1:?usage: deploy/setup.sh up|test}
needed=()   # packages without which the goal cannot be reached
helpful=()  # packages without which some tests are skipped

java_is_new_enough() {
  local java=${JAVA_HOME:+$JAVA_HOME/bin/}java version
  version=$("$java" -version 2>&1 | sed -n 's/.* version "\([0-9]*\).*/\1/p' | head -n 1) || return 1
  [ "${version:-0}" -ge 17 ]
}

has_font() { command -v fc-list >/dev/null && [ -n "$(fc-list "$1" family)" ]; }

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

if [ ! -x .venv/bin/python ]; then
  if ! python=$(find_python); then
    echo "there is no Python 3.11 or later; install one (Debian 12 and Ubuntu 24.04: apt-get install python3 python3-venv)" >&2
    exit 1
  fi
  "$python" -c 'import ensurepip, venv' 2>/dev/null || needed+=(python3-venv)
fi
if [ -z "${KAFKA_HOME:-}" ]; then
  command -v mvn >/dev/null || needed+=(maven)
fi
# After Maven, which brings a Java of its own choice: the first of these that the system offers.
if ! java_is_new_enough; then
  jre=openjdk-17-jre-headless
  for offered in openjdk-17-jre-headless openjdk-21-jre-headless default-jre-headless; do
    if apt-cache show "$offered" >/dev/null 2>&1; then
      jre=$offered
      break
    fi
  done
  needed+=("$jre")
fi
if [ "$goal" = test ]; then
  command -v chromium >/dev/null || helpful+=(chromium)
  command -v promtool >/dev/null || helpful+=(prometheus)
  has_font Inter || helpful+=(fonts-inter)
  has_font "Noto Sans" || helpful+=(fonts-noto-core)
  has_font "Noto Sans Mono" || helpful+=(fonts-noto-mono)
  command -v fc-list >/dev/null || helpful+=(fontconfig)
fi
wanted=("${needed[@]}" "${helpful[@]}")
[ ${#wanted[@]} -gt 0 ] || exit 0

as_root=()
if [ "$(id -u)" -ne 0 ]; then
  as_root=(sudo -n)
fi
if command -v apt-get >/dev/null && { [ ${#as_root[@]} -eq 0 ] || sudo -n true 2>/dev/null; }; then
  echo "installing Debian packages: ${wanted[*]}"
  log=$(mktemp)
  trap 'rm -f "$log"' EXIT
  if "${as_root[@]}" apt-get update -q >"$log" 2>&1 &&
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends "${wanted[@]}" \
      >>"$log" 2>&1 </dev/null; then
    exit 0
  fi
  tail -n 20 "$log" >&2
fi
echo "install these packages and try again: apt-get install --no-install-recommends ${wanted[*]}" >&2
if [ ${#needed[@]} -gt 0 ]; then
  exit 1
fi
echo "going on without: tests that need ${helpful[*]} will say that they are skipped" >&2
