#!/usr/bin/env bash
# pathspec 1.0.4 offers a "gitignore" syntax, but it reads bracket expressions by other rules than git:
#   a[!x]b         matches a/b in pathspec, although a bracket expression never matches a slash in git
#   [[:digit:]]    matches no digit in pathspec, although git reads it as a POSIX class
#   x[\]]y         does not match x]y in pathspec, although a backslash quotes in git's brackets
#   [z-a]          is an error in pathspec (a regular expression that does not compile); git matches z
# A plain class such as [ab] means the same to both. Exit code 0: still so. Needs python3, git and PyPI.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" --quiet --disable-pip-version-check install pathspec==1.0.4
git init --quiet "$folder/repository"

cat > "$folder/ask.py" <<'PY'
import subprocess
import sys

from pathspec import PathSpec

repository = sys.argv[1]
CASES = [  # pattern, paths, what git ignores, what pathspec matches
    ("a[!x]b", ["a/b", "azb", "axb"], ["azb"], ["a/b", "azb"]),
    ("[[:digit:]]", ["1", "a"], ["1"], []),
    (r"x[\]]y", ["x]y", "xay"], ["x]y"], []),
    ("[z-a]", ["z", "b"], ["z"], "error"),
    ("x[ab]y", ["xay", "xzy"], ["xay"], ["xay"]),
]

as_expected = True
for pattern, paths, by_git, by_pathspec in CASES:
    with open(f"{repository}/.gitignore", "w") as file:
        file.write(pattern + "\n")
    command = ["git", "-C", repository, "check-ignore", "--no-index", "--stdin"]
    answer = subprocess.run(command, input="\n".join(paths) + "\n", capture_output=True, text=True)
    seen_by_git = answer.stdout.split("\n")[:-1]
    try:
        spec = PathSpec.from_lines("gitignore", [pattern])
        seen_by_pathspec = [path for path in paths if spec.match_file(path)]
    except Exception:
        seen_by_pathspec = "error"
    print(f"{pattern:12} git: {seen_by_git}  pathspec: {seen_by_pathspec}")
    as_expected &= (seen_by_git, seen_by_pathspec) == (by_git, by_pathspec)
sys.exit(0 if as_expected else 1)
PY
git --version
"$folder/venv/bin/python" -W ignore "$folder/ask.py" "$folder/repository"
