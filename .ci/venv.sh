#!/bin/sh
# Make .venv with the newest supported Python found, unless a working one is there.  Called by make.
set -eu
new_enough='import sys; sys.exit(sys.version_info < (3, 11))'

if [ -x .venv/bin/python ] && .venv/bin/python -c "import pip; $new_enough" 2>/dev/null; then
  exit 0
fi

for python in ${PYTHON:-python3.13 python3.12 python3.11 python3 python}; do
  command -v "$python" >/dev/null 2>&1 || continue
  "$python" -c "$new_enough" 2>/dev/null || continue
  if ! "$python" -c 'import venv, ensurepip' 2>/dev/null; then
    echo "$python cannot make virtual environments: install its venv module" \
      "(Debian and Ubuntu: apt install python3-venv), then try again" >&2
    exit 1
  fi
  echo "making .venv with $("$python" --version)"
  rm -rf .venv
  exec "$python" -m venv .venv
done

echo "ketadash needs Python 3.11 or newer, and found none (looked for ${PYTHON:-python3.13, 3.12, 3.11, python3, python}):" \
  "install one, or name it: make run PYTHON=/path/to/python3" >&2
exit 1
