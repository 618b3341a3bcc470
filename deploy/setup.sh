#!/usr/bin/env bash
# Sees to the programs that the stack (`up`) or its tests (`test`) need beside Python's packages: installs Debian's packages
# where it may (root, or sudo without a password), else names exactly what to install. Usage: deploy/setup.sh up|test
set -euo pipefail

goal=${1:?usage: deploy/setup.sh up|test}

java_is_new_enough() {
  local java=${JAVA_HOME:+$JAVA_HOME/bin/}java version
  version=$("$java" -version 2>&1 | sed -n 's/.* version "\([0-9]*\).*/\1/p' | head -n 1) || return 1
  [ "${version:-0}" -ge 17 ]
}

has_any() {
  local program
  for program in "$@"; do
    command -v "$program" >/dev/null && return
  done
  return 1
}

# Debian puts it where few users' PATH looks.
has_mosquitto() { has_any mosquitto || PATH=${SBIN:-/usr/sbin:/usr/local/sbin} has_any mosquitto; }

# What the PDF of the daily brief is set with; LIBS is where libraries lie.
has_library() { compgen -G "${LIBS:-/usr/lib}/*/$1" >/dev/null; }

has_font() { has_any fc-list && [ -n "$(fc-list "$1" family)" ]; }

may_install() { has_any apt-get && { [ "$(id -u)" -eq 0 ] || sudo -n true 2>/dev/null; }; }

as_root() {
  if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo -n "$@"; fi
}

is_offered() { apt-cache show "$1" >/dev/null 2>&1; }

# The first of these packages that this system offers; the first of all where it cannot be told.
first_offered() {
  local package
  for package in "$@"; do
    if is_offered "$package"; then
      echo "$package"
      return
    fi
  done
  echo "$1"
}

# A need is the packages that fill it, the best one first.
needed=()   # without these the goal cannot be reached
helpful=()  # without these it is reached, with something less; one package each
if [ ! -x .venv/bin/python ]; then
  if ! python=$(deploy/python.sh --find); then
    echo "there is no Python 3.11 or later; install one (Debian 12 and Ubuntu 24.04: apt-get install python3 python3-venv)" >&2
    exit 1
  fi
  "$python" -c 'import ensurepip, venv' 2>/dev/null || needed+=("python3-venv")
fi
[ -n "${KAFKA_HOME:-}" ] || has_any mvn || needed+=("maven")
java_is_new_enough || needed+=("openjdk-17-jre-headless openjdk-21-jre-headless default-jre-headless")
if ! has_mosquitto; then
  # Without it the stack runs, and no sensors report.
  if [ "$goal" = test ]; then needed+=("mosquitto"); else helpful+=("mosquitto"); fi
fi
# Without it the stack runs, and the dashboard of the pipeline has no figures.
if ! has_any prometheus; then
  if [ "$goal" = test ]; then needed+=("prometheus"); else helpful+=("prometheus"); fi
fi
# Without them everything runs but the daily brief.
printing=()
has_library libpangoft2-1.0.so.0 || printing+=("libpangoft2-1.0-0")
has_library libharfbuzz-subset.so.0 || printing+=("libharfbuzz-subset0")
if [ "$goal" = test ]; then needed+=("${printing[@]}"); else helpful+=("${printing[@]}"); fi
if [ "$goal" = test ]; then
  # A Chromium that is a snap, as Ubuntu's, cannot read the folders that tests work in.
  has_any chromium google-chrome google-chrome-stable || needed+=("chromium google-chrome-stable")
  has_any fc-list || helpful+=("fontconfig")
  has_font Inter || helpful+=("fonts-inter")
  has_font "Noto Sans" || helpful+=("fonts-noto-core")
  has_font "Noto Sans Mono" || helpful+=("fonts-noto-mono")
  # ClickHouse's own client tries the protocol too; not every release of these systems has it.
  has_any clickhouse-client || helpful+=("clickhouse-client")
fi
[ $((${#needed[@]} + ${#helpful[@]})) -gt 0 ] || exit 0

log=$(mktemp)
trap 'rm -f "$log"' EXIT
if may_install; then
  as_root apt-get update -q >"$log" 2>&1 || true
fi
wanted=() missed=()
for need in "${needed[@]}"; do
  read -ra choices <<<"$need"
  wanted+=("$(first_offered "${choices[@]}")")
done
for package in "${helpful[@]}"; do
  # What merely helps and is not to be had keeps nothing else from being installed.
  if may_install && ! is_offered "$package"; then missed+=("$package"); else wanted+=("$package"); fi
done
if [ ${#missed[@]} -gt 0 ]; then
  echo "not offered here, going on without: ${missed[*]}" >&2
fi
[ ${#wanted[@]} -gt 0 ] || exit 0
if may_install; then
  echo "installing Debian packages: ${wanted[*]}"
  if as_root env DEBIAN_FRONTEND=noninteractive apt-get install -qy --no-install-recommends "${wanted[@]}" \
    >>"$log" 2>&1 </dev/null; then
    exit 0
  fi
  tail -n 20 "$log" >&2
fi
echo "install these packages and try again: apt-get install --no-install-recommends ${wanted[*]}" >&2
if [ ${#needed[@]} -gt 0 ]; then
  exit 1
fi
echo "going on without: ${wanted[*]}" >&2
