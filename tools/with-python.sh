#!/bin/sh
# Runs a script with the first Python that can make the project's environment, or says in one line what
# is missing:  sh tools/with-python.sh SCRIPT [ARGUMENT...]
# PYTHON names another Python.
unset PYTHONHOME PYTHONPATH

too_old= no_venv=
for python in ${PYTHON:+"$PYTHON"} python3 python3.14 python3.13 python3.12 python3.11 python; do
    version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null) || continue
    if ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
        too_old=${too_old:-$version}
    elif ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
        no_venv=${no_venv:-$version}
    else
        exec "$python" "$@"
    fi
done

if [ -n "$no_venv" ]; then
    echo "error: Python $no_venv has no ensurepip; install python3-venv (Debian, Ubuntu: apt-get install python3-venv)" >&2
elif [ -n "$too_old" ]; then
    echo "error: audit-tui needs Python 3.11 or newer, found $too_old; install a newer python3 or name one: make PYTHON=/path/to/python3" >&2
else
    echo "error: found no Python; install python3 (3.11 or newer) and python3-venv" >&2
fi
exit 1
