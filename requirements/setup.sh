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

set -x
"$META_PYTHON" -m venv .venv
# --no-deps: the lock names everything except an optional parser that no registry offers by itself.
.venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps \
    --require-hashes -r requirements/lock.txt
.venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps \
    --no-build-isolation --editable .
.venv/bin/python -m compileall -q .venv/lib || :
: > .venv/.ready
