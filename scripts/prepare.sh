#!/bin/sh
# scripts/prepare.sh run|dev: makes .venv and installs what the lock files name, to serve (run) or to test as well (dev).
# Says nothing when that is done already. What cannot be done is told in one line that names the mend, with exit 1.
# PYTHON names the interpreter; without it the newest suitable one on PATH is taken.
set -eu

cd "$(dirname "$0")/.."
purpose=$1

stop() {
    printf 'Balcão: %s\n' "$1" >&2
    exit 1
}

version_of() {
    "$1" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null
}

# What .venv was made from.
fingerprint() {
    pwd -P
    cksum requirements.lock requirements-dev.lock pyproject.toml
}

# The programs in .venv/bin hold the path of the folder in which they were installed.
was_moved() {
    [ -f .venv/.folder ] && [ "$(cat .venv/.folder)" != "$(pwd -P)" ]
}

holds() {
    [ "$(cat ".venv/.ready-$1" 2>/dev/null)" = "$now" ]
}

is_ready() {
    [ -x .venv/bin/python ] || return 1
    [ -z "${PYTHON:-}" ] || [ "$(version_of "$PYTHON")" = "$(version_of .venv/bin/python)" ] || return 1
    holds dev || { [ "$purpose" = run ] && holds run; }
}

find_python() {
    if [ -n "${PYTHON:-}" ]; then
        set -- "$PYTHON"
    else
        set -- python3.13 python3.12 python3.11 python3 python
    fi
    other='' without_venv=''
    for candidate; do
        version=$(version_of "$candidate") || continue
        case $version in
        3.11 | 3.12 | 3.13) ;;
        *)
            other=${other:-$version}
            continue
            ;;
        esac
        if "$candidate" -c 'import ensurepip, venv' 2>/dev/null; then
            python=$candidate
            return
        fi
        without_venv=${without_venv:-$version}
    done
    if [ -n "$without_venv" ]; then
        stop "Python $without_venv is here without its venv module: install that (Debian, Ubuntu: apt install python$without_venv-venv)."
    fi
    found=${other:+this is Python $other, and }
    stop "${found}Python 3.11, 3.12 or 3.13 is needed: install one (Debian, Ubuntu: apt install python3 python3-venv) or name it: make PYTHON=/path/to/python3.12 …"
}

install() { # -qq: nothing but what fails
    .venv/bin/python -m pip install -qq --no-input --disable-pip-version-check "$@" ||
        stop "the dependencies could not be installed, for the reason above: check the network (or pip's settings) and say make again."
}

now=$(fingerprint)
if is_ready; then exit; fi

if ! { mkdir -p .venv && [ -w . ] && [ -w .venv ]; } 2>/dev/null; then
    stop "$(pwd -P) cannot be written to: make it yours (chown, chmod) or copy Balcão to a folder of yours."
fi
find_python
printf 'Preparing .venv with Python %s: a minute, this once …\n' "$version" >&2
rm -f .venv/.ready-run .venv/.ready-dev
if was_moved || [ "$(version_of .venv/bin/python)" != "$version" ] || ! .venv/bin/python -m pip --version >/dev/null 2>&1; then
    problem=$("$python" -m venv --clear .venv 2>&1) ||
        stop "Python $version could not make .venv: $(printf '%s\n' "$problem" | tail -n 1)"
    pwd -P >.venv/.folder
fi

# Wheels only, so that nothing is compiled and no build fetches what no lock names. A few test tools come as
# sources: they, and Balcão itself, are built with the locked setuptools.
install --require-hashes --only-binary :all: -r requirements.lock
if [ "$purpose" = dev ]; then
    install --require-hashes --no-build-isolation -r requirements-dev.lock
fi
install --no-build-isolation --no-deps --editable .
# Where bytecode may not be written, pip writes none either, and each start would compile all it imports, for seconds.
# A file that cannot be compiled (some are for other Pythons) costs nothing but that.
if [ -n "${PYTHONDONTWRITEBYTECODE:-}" ]; then
    .venv/bin/python -m compileall -q -j 0 .venv/lib bot handlers storage >/dev/null 2>&1 || :
fi
printf '%s\n' "$now" >".venv/.ready-$purpose"
