#!/usr/bin/env bash
# univers 32.0.1 translates the ranges of package.json to VERS, the notation of advisories, and some
# of them come out as other ranges than npm's own library (semver 7.8.6) reads:
#   ^0, ^0.0   become 0.0.0 alone           npm: anything below 1.0.0, or below 0.1.0
#   1.2        becomes 1.2.0 alone          npm: every 1.2.x
#   >1, <=1    compare with 1.0.0           npm: from 2.0.0 on, and below 2.0.0
#   ^1.x       begins at 1.0.0+x            npm: begins at 1.0.0
#   (empty)    contains nothing             npm: contains everything
# Ranges with three numbers, 1.x and ~1 agree. Exit code 0: still so. Needs python3, node, PyPI and npm.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" --quiet --disable-pip-version-check install univers==32.0.1
npm install --silent --no-audit --no-fund --prefix "$folder" semver@7.8.6 > /dev/null

cat > "$folder/ask.py" <<'PY'
import json
import subprocess
import sys

from univers.version_range import NpmVersionRange
from univers.versions import SemverVersion

VERSIONS = ["0.0.0", "0.0.5", "0.1.0", "1.0.0", "1.2.0", "1.2.5", "1.3.0", "2.0.0", "3.0.0"]
DIFFER = ["^0", "^0.0", "1.2", ">1", "<=1", "^1.x", ""]
AGREE = ["^1.2.0", "~1", "1.x", ">=1.2.0 <2.0.0", "1.2.0 - 2.0.0"]
PROGRAM = """
const semver = require("semver");
const [versions, ranges] = JSON.parse(process.argv[1]);
const found = ranges.map(range => versions.filter(version => semver.satisfies(version, range)));
console.log(JSON.stringify(found));
"""
asked = json.dumps([VERSIONS, DIFFER + AGREE])
answer = subprocess.run(["node", "-e", PROGRAM, asked], capture_output=True, cwd=sys.argv[1])
as_expected = True
for text, by_npm in zip(DIFFER + AGREE, json.loads(answer.stdout), strict=True):
    translated = NpmVersionRange.from_native(text)
    by_univers = [version for version in VERSIONS if SemverVersion(version) in translated]
    print(f"{text!r:18} {str(translated):32} univers {by_univers}\n{'':51} npm     {by_npm}")
    as_expected &= (by_univers == by_npm) == (text in AGREE)
sys.exit(0 if as_expected else 1)
PY
"$folder/venv/bin/python" "$folder/ask.py" "$folder"
