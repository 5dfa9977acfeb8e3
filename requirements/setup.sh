# Creates .venv in the working folder, the folder of the Makefile. `make setup` runs this script.
# META_PYTHON is the interpreter, as a name or a path.
set -eu

# The rule of loaders/base/programs.py, which cannot run yet: entries of PATH that are relative,
# empty or inside the folder to crawl are not searched.
in_crawled_root() {
    root=${META_REFRESH_ROOT-}
    case $root in '~') root=$HOME ;; '~/'*) root=$HOME/${root#'~/'} ;; esac
    [ -n "$root" ] && root=$(CDPATH= cd -P -- "$root" 2>/dev/null && pwd -P) || return 1
    case $1/ in
        /bin/* | /usr/bin/* | /sbin/* | /usr/sbin/*) return 1 ;;
        "${root%/}"/*) return 0 ;;
        *) return 1 ;;
    esac
}

left=
set -f
IFS=:
for entry in ${PATH-}; do
    case $entry in /*) ;; *) continue ;; esac
    real=$(cd -P -- "$entry" 2>/dev/null && pwd -P) || continue
    in_crawled_root "$real" || left=$left${left:+:}$entry
done
unset IFS
PATH=${left:-/usr/bin:/bin}
export PATH

# The version of an interpreter, such as 3.12; nothing if it does not run.
version_of() { "$1" -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null; }

is_too_old_or_new() {
    case $1 in
        3.11 | 3.12 | 3.13) return 1 ;;
        [0-9].[0-9]*) return 0 ;;
        *) return 1 ;;  # it gave no version: let its own error be seen
    esac
}

# Without PYTHON=…, any interpreter that fits will do.
wanted=$META_PYTHON
found=$(version_of "$wanted") || :
if [ "$wanted" = python3 ] && { ! command -v python3 || is_too_old_or_new "$found"; } >/dev/null; then
    for other in python3.13 python3.12 python3.11; do
        case $(version_of "$other") in
            3.1[123]) wanted=$other found=${other#python}; break ;;
        esac
    done
fi
if is_too_old_or_new "$found"; then
    echo "set-up: $wanted is Python $found, and Meta Collector needs Python 3.11, 3.12 or 3.13;" \
        "install one and name it: make setup PYTHON=python3.12" >&2
    exit 1
fi

# An environment keeps the interpreter that it was made with, and installs nothing for another one.
old=
clear=
kept=
if [ -e .venv/pyvenv.cfg ]; then
    old=$(version_of .venv/bin/python) || :
    if [ -z "$old" ]; then
        clear=--clear
        echo "set-up: the Python of .venv is gone; .venv is made again" >&2
    elif is_too_old_or_new "$old" || { [ "$META_PYTHON" != python3 ] && [ "$old" != "$found" ]; }; then
        clear=--clear
        echo "set-up: .venv has Python $old; it is made again with Python $found" >&2
    elif [ "$old" != "$found" ]; then
        # Another interpreter would mix its settings into it.
        kept=yes found=$old
    fi
fi

count=$(grep -c '^[a-z].*==' requirements/lock.txt) || :
if [ -n "$old" ] && [ -z "$clear" ]; then
    echo "set-up: brings .venv to the versions of requirements/lock.txt; this takes seconds, or" \
        "minutes after a large change" >&2
else
    echo "set-up: creates .venv with Python ${found:-?} and installs the $count libraries of" \
        "requirements/lock.txt into it (0.6 GB), once; this takes one to three minutes" >&2
fi
began=$(date +%s)
[ -n "$kept" ] || "$wanted" -m venv $clear .venv
# --no-deps: the lock names everything except an optional parser that no registry offers by itself.
# pip would compile them on one core.
.venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --no-compile \
    --require-hashes -r requirements/lock.txt
.venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps \
    --no-build-isolation --editable .
echo "set-up: compiles the libraries, so that commands start faster" >&2
.venv/bin/python -m compileall -q -j 0 .venv/lib || :
: > .venv/.ready
echo "set-up: done in $(($(date +%s) - began)) s" >&2
