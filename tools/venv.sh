#!/bin/sh
# Makes the virtual environment $1 with the project in it, using the first Python on PATH that is new enough.
# Doing it again mends what is missing.
set -eu

fits() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }

for python in python3 python3.14 python3.13 python3.12 python3.11; do
  fits "$python" && break
done
if ! fits "$python"; then
  echo "error: pybake needs Python 3.11 or newer on PATH (on Debian: apt-get install python3-venv)" >&2
  exit 1
fi

# Debian keeps what venv needs in a package of its own.
if ! "$python" -c 'import ensurepip' 2>/dev/null; then
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "Changed on this machine: installing the package python3-venv (to undo: apt-get remove python3-venv)" >&2
    apt-get -qq update && apt-get -qq install --no-install-recommends python3-venv >/dev/null
  else
    echo "error: Python's venv is not installed (on Debian: apt-get install python3-venv)" >&2
    exit 1
  fi
fi

[ -x "$1/bin/pip" ] || "$python" -m venv "$1"
# Dependency groups need pip 25.1.
"$1/bin/python" -m pip install --quiet --upgrade 'pip>=25.1'
"$1/bin/python" -m pip install --quiet --editable .
