#!/usr/bin/env bash
# Two libraries that read .mailmap answer otherwise than git itself:
#   - git compares names and addresses without regard to case; dulwich 1.2.21 and pygit2 1.21.0
#     (libgit2) compare them exactly,
#   - if one line gives the name and a later line the address of the same commit address, git uses
#     both; the libraries use the later line alone,
#   - a line that is not an entry is skipped by git and pygit2; dulwich refuses the whole file.
# Counting authors with the libraries splits people whom `git shortlog` joins.
# Exit code 0: still so. Needs python3, git and PyPI.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" --quiet --disable-pip-version-check install dulwich==1.2.21 pygit2==1.21.0
git init --quiet "$folder/repository"

cat > "$folder/ask.py" <<'PY'
import subprocess
import sys

import pygit2
from dulwich.mailmap import Mailmap

repository = sys.argv[1]
CASES = [  # lines of .mailmap, who is asked for, and the answers of git, dulwich and pygit2
    (["Ann <ann@example.org>"], "a <ANN@example.org>",
     "Ann <ANN@example.org>", "a <ANN@example.org>", "a <ANN@example.org>"),
    (["Ann <ann@example.org> a b <old@example.org>"], "A B <old@example.org>",
     "Ann <ann@example.org>", "A B <old@example.org>", "A B <old@example.org>"),
    (["Ann <old@example.org>", "<ann@example.org> <old@example.org>"], "a <old@example.org>",
     "Ann <ann@example.org>", "a <ann@example.org>", "a <ann@example.org>"),
    (["no entry", "Ann <ann@example.org> <old@example.org>"], "a <old@example.org>",
     "Ann <ann@example.org>", "ValueError", "Ann <ann@example.org>"),
    (["Ann <ann@example.org> <old@example.org>"], "a <old@example.org>",
     "Ann <ann@example.org>", "Ann <ann@example.org>", "Ann <ann@example.org>"),
]

as_expected = True
for lines, asked, *expected in CASES:
    text = "".join(line + "\n" for line in lines)
    with open(f"{repository}/.mailmap", "w") as file:
        file.write(text)
    command = ["git", "-C", repository, "check-mailmap", asked]
    by_git = subprocess.run(command, capture_output=True, text=True).stdout.strip()
    try:
        by_dulwich = Mailmap.from_path(f"{repository}/.mailmap").lookup(asked.encode()).decode()
    except ValueError as error:
        by_dulwich = type(error).__name__
    name, address = asked[:-1].split(" <")
    name, address = pygit2.Mailmap.from_buffer(text).resolve(name, address)
    seen = [by_git, by_dulwich, f"{name} <{address}>"]
    print(f"{lines}\n  asked for {asked}: git {seen[0]} · dulwich {seen[1]} · pygit2 {seen[2]}")
    as_expected &= seen == expected
sys.exit(0 if as_expected else 1)
PY
git --version
"$folder/venv/bin/python" "$folder/ask.py" "$folder/repository"
