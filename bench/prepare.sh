#!/bin/sh
# bench/prepare.sh: makes bench/.venv with what bench/requirements.txt names, by the Python of the project's own .venv.
# Says nothing when that is done already.
set -eu

cd "$(dirname "$0")/.."

if [ "$(uname -s)" != Linux ]; then
    echo 'Balcão: the benchmark runs on Linux only, as it reads CPU and memory from /proc.' >&2
    exit 1
fi
now=$(.venv/bin/python -V; pwd -P; cksum bench/requirements.txt)
if [ "$(cat bench/.venv/.ready 2>/dev/null)" = "$now" ]; then exit; fi

echo 'Preparing bench/.venv: a minute, this once …' >&2
.venv/bin/python -m venv --clear bench/.venv
bench/.venv/bin/python -m pip install -qq --no-input --disable-pip-version-check --only-binary :all: \
    -r bench/requirements.txt || {
    echo 'Balcão: the packages of bench/requirements.txt could not be installed, for the reason above.' >&2
    exit 1
}
printf '%s\n' "$now" >bench/.venv/.ready
