"""Our imports within packages beside those of grimp (Python) and madge (JavaScript, TypeScript).

By hand, with package registries; installs the tools and the packages in a temporary folder. Nothing
of a package is run. `dbt compile --select code_imports` must have been run before, for the SQL.

    python tests/drills/imports_against_tools.py python
    python tests/drills/imports_against_tools.py javascript

Prints a line per package: modules, edges of both, and how many only one of them has; then each of
these, which are explained in `EXPLAINED` or not. Exits with 1 if one is not explained.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

_TESTS = Path(__file__).parents[1]
sys.path[:0] = [str(_TESTS / "python" / "support"), str(_TESTS.parent)]

from compiled_models import run_model  # noqa: E402
from product import PROJECT  # noqa: E402

from loaders.sources.code.extract import extract  # noqa: E402
from loaders.sources.contents.parsed import Parsed  # noqa: E402

Edge = tuple[str, str]
# Distribution → package.
PYTHON = {
    "click": "click", "flask": "flask", "requests": "requests", "jinja2": "jinja2",
    "werkzeug": "werkzeug", "rich": "rich", "pluggy": "pluggy", "packaging": "packaging",
    "pytest": "_pytest", "networkx": "networkx",
}  # fmt: skip
# Package of npm → its folder of source text.
JAVASCRIPT = {
    "express": "lib", "axios": "lib", "redux": "src", "rxjs": "src/internal", "lodash-es": ".",
}  # fmt: skip
LANGUAGES = {".py": "Python", ".js": "JavaScript", ".mjs": "JavaScript", ".ts": "TypeScript"}
# Why only one side has an edge: patterns of `side importer -> imported`.
EXPLAINED: dict[str, str] = {}

_GRIMP = """
import json, sys, grimp
sys.path.insert(0, sys.argv[1])
graph = grimp.build_graph(sys.argv[2], cache_dir=None)
edges = [[a, b] for a in graph.modules for b in graph.find_modules_directly_imported_by(a)]
print(json.dumps([sorted(graph.modules), edges]))
"""


def edges_of_ours(folder: Path, root: Path, language: str) -> tuple[int, set[Edge]]:
    """Return the number of files, and the edges by paths below *root*."""
    files, imports = [], []
    for path in sorted(folder.rglob("*")):
        if LANGUAGES.get(path.suffix) is None or not path.is_file():
            continue
        if (LANGUAGES[path.suffix] == "Python") != (language == "python"):
            continue
        name = path.relative_to(root).as_posix()
        files.append(_file(path, root, name))
        parsed = Parsed(path.read_bytes(), LANGUAGES[path.suffix], path.suffix[1:])
        for index, one in enumerate(extract(parsed).imports):
            imports.append(
                {
                    **one._asdict(), "sha256": name, "import_index": index, "run_seq": 1,
                    "extractor_version": "", "run_id": "r", "landed_at": None,
                }
            )  # fmt: skip
    tables = {
        "int_files__current": files,
        "int_code__files": files,
        "content_imports": imports,
        "content_symbols": [{"sha256": "", "run_seq": 1, "qualified_name": "", "kind": ""}],
        "int_dependencies__packages": [
            dict.fromkeys(
                ("ecosystem", "canonical_name", "project_id", "directory_path"), ""
            ) | {"provider_rank": 1}
        ],
        "int_dependencies__matched": [{"project_id": "", "provider_project_id": ""}],
        "int_dependencies__contents": [
            {"run_id": "", "sha256": "", "format": "", "state": "read"}
        ],
        "manifest_places": [
            {
                "run_id": "", "sha256": "", "format": "", "position": 0, "kind": "", "name": "",
                "pointer": "",
            }
        ],
    }  # fmt: skip
    target: Any = SimpleNamespace(target=PROJECT / "target")
    rows = run_model(target, "core/code_imports", tables)
    return len(files), {
        (row["file_id"], row["resolved_file_id"])
        for row in rows
        if row["resolved_file_id"] is not None
    }


def _file(path: Path, root: Path, name: str) -> dict[str, Any]:
    return {
        "file_id": name,
        "project_id": "p",
        "project_path": str(root),
        "file_path": name,
        "path": str(path),
        "directory_path": str(path.parent),
        "name": path.name,
        "ext": path.suffix[1:],
        "language": LANGUAGES[path.suffix],
        "sha256": name,
        "file_kind": "source",
        "is_own": True,
        "is_symlink": False,
        "run_seq": 1,
        "package": None,
        "source_run_id": "r",
    }


def python_sides(folder: Path) -> Iterator[tuple[str, int, set[Edge], set[Edge]]]:
    """Yield package, number of modules, our edges and those of grimp, by names of modules."""
    subprocess.run([sys.executable, "-m", "venv", folder / "v"], check=True)
    pip = [folder / "v/bin/pip", "install", "--quiet"]
    subprocess.run([*pip, "grimp"], check=True)
    site = folder / "site"
    subprocess.run([*pip, "--no-deps", "--target", site, *PYTHON], check=True)
    for package in PYTHON.values():
        count, ours = edges_of_ours(site / package, site, "python")
        answer = subprocess.run(
            [folder / "v/bin/python", "-c", _GRIMP, site, package],
            check=True, capture_output=True, text=True,
        )  # fmt: skip
        modules, edges = json.loads(answer.stdout)
        named = {(_module(a), _module(b)) for a, b in ours}
        # grimp does not look into folders without __init__.py.
        seen = {edge for edge in named if set(edge) <= set(modules)}
        print(f"{package}: {len(named - seen)} edges of modules that grimp does not see")
        yield package, count, seen, {(a, b) for a, b in edges}


def _module(path: str) -> str:
    return re.sub(r"(/__init__)?\.py$", "", path).replace("/", ".")


def javascript_sides(folder: Path) -> Iterator[tuple[str, int, set[Edge], set[Edge]]]:
    """Yield package, number of files, our edges and those of madge, by paths."""
    npm = ["npm", "install", "--silent", "--no-fund", "--no-audit", "--ignore-scripts"]
    subprocess.run([*npm, "madge", *JAVASCRIPT], check=True, cwd=folder)
    for package, source in JAVASCRIPT.items():
        # madge leaves out whatever is in a folder node_modules.
        root = (folder / "copies" / package).resolve()
        shutil.copytree(folder / "node_modules" / package / source, root)
        count, ours = edges_of_ours(root, root, "javascript")
        answer = subprocess.run(
            [folder / "node_modules/.bin/madge", "--json", "--extensions", "js,mjs,ts", root],
            check=True, capture_output=True, text=True, cwd=folder,
        )  # fmt: skip
        theirs = {(a, b) for a, found in json.loads(answer.stdout).items() for b in found}
        yield package, count, ours, theirs


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("language", choices=("python", "javascript"))
    language = parser.parse_args().language
    sides = python_sides if language == "python" else javascript_sides
    unexplained = 0
    with tempfile.TemporaryDirectory() as folder:
        for package, count, ours, theirs in sides(Path(folder)):
            print(
                f"{package}: {count} files, {len(ours)} edges, theirs {len(theirs)}, only ours"
                f" {len(ours - theirs)}, only theirs {len(theirs - ours)}",
                flush=True,
            )
            for side, edges in (("ours", ours - theirs), ("theirs", theirs - ours)):
                for importer, imported in sorted(edges):
                    line = f"{side} {importer} -> {imported}"
                    reason = next((EXPLAINED[one] for one in EXPLAINED if re.search(one, line)), "")
                    unexplained += not reason
                    print(f"  {line}  {reason}")
    return int(unexplained > 0)


if __name__ == "__main__":
    sys.exit(main())
