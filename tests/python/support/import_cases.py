"""Imports of small workspaces, with the file or package that each leads to.

A case is a workspace: files by their paths, whose first part is the project. An import is `file:
what it writes -> where it leads`: a file and the way, `standard library NAME`, `package NAME`, or
`unknown`. `|` is before the name that is taken, `@` before the scope.
"""

from __future__ import annotations

import csv
import posixpath
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from product import PROJECT

LANGUAGES = {
    "py": "Python", "pyi": "Python", "js": "JavaScript", "jsx": "JavaScript", "ts": "TypeScript",
    "tsx": "TypeScript", "mjs": "JavaScript", "go": "Go", "rs": "Rust", "java": "Java", "c": "C",
    "h": "C", "cs": "C#", "php": "PHP", "rb": "Ruby", "sh": "Shell",
}  # fmt: skip
KINDS = {"Rust": "use", "C#": "use", "PHP": "use", "C": "include", "Shell": "include"}


class Case(NamedTuple):
    """A workspace; `packages` are (ecosystem, name, folder), `needs` pairs of projects, and
    `declares` the package that a file says it is in.
    """

    files: str
    imports: str
    packages: Sequence[tuple[str, str, str]] = ()
    needs: Sequence[tuple[str, str]] = ()
    declares: Mapping[str, str] = {}
    # manifest → its format, and its places: kind, name, pointer
    places: Mapping[str, tuple[str, Sequence[tuple[str, str, str]]]] = {}


CASES: dict[str, Case] = {
    "python, relative": Case(
        "p/pkg/__init__.py p/pkg/a.py p/pkg/sub/__init__.py p/pkg/sub/b.py p/b.py",
        """
        p/pkg/a.py: .sub|b -> p/pkg/sub/b.py relative
        p/pkg/a.py: .|sub -> p/pkg/sub/__init__.py relative
        p/pkg/a.py: .sub|thing -> p/pkg/sub/__init__.py relative
        p/pkg/sub/b.py: ..a|thing -> p/pkg/a.py relative
        p/pkg/sub/b.py: ..|a -> p/pkg/a.py relative
        p/pkg/sub/b.py: .b|thing -> p/pkg/sub/b.py relative
        p/pkg/sub/__init__.py: .b|* -> p/pkg/sub/b.py relative
        p/pkg/sub/b.py: ...b|thing -> p/b.py relative
        p/pkg/a.py: .gone|thing -> unknown
        p/pkg/a.py: a -> package a
        p/pkg/a.py: ..............|x -> unknown
        """,
    ),
    "python, absolute": Case(
        "p/src/pkg/__init__.py p/src/pkg/a.py p/src/pkg/sub/__init__.py p/src/pkg/sub/b.py"
        " p/tests/test_a.py p/src/pkg/json.py",
        """
        p/tests/test_a.py: pkg -> p/src/pkg/__init__.py package
        p/tests/test_a.py: pkg.sub.b -> p/src/pkg/sub/b.py package
        p/tests/test_a.py: pkg.sub|b -> p/src/pkg/sub/b.py package
        p/tests/test_a.py: pkg.a|thing -> p/src/pkg/a.py package
        p/src/pkg/sub/b.py: pkg|a -> p/src/pkg/a.py package
        p/src/pkg/a.py: pkg.sub|* -> p/src/pkg/sub/__init__.py package
        p/src/pkg/a.py: json -> standard library json
        p/src/pkg/a.py: os.path|join -> standard library os
        p/src/pkg/a.py: requests.auth|Basic -> package requests
        p/src/pkg/a.py: pkg.gone|thing -> unknown
        p/src/pkg/a.py: pkg.gone.more|thing -> unknown
        """,
        packages=[("python", "pkg", "p")],
    ),
    "python, scripts, namespaces and stubs": Case(
        "p/tools/run.py p/tools/helper.py p/tools/types.py p/ns/one/a.py p/ns/one/b.py p/app.py"
        " p/lib/fast.pyi p/both.py p/both.pyi p/pkg/__init__.py p/pkg/script.py p/pkg/near.py"
        " p/twin.py p/twin/__init__.py",
        """
        p/tools/run.py: helper -> p/tools/helper.py beside
        p/tools/run.py: types -> p/tools/types.py beside
        p/app.py: types -> standard library types
        p/app.py: ns.one.a -> p/ns/one/a.py beside
        p/ns/one/a.py: ns.one|b -> p/ns/one/b.py package
        p/ns/one/a.py: b -> p/ns/one/b.py beside
        p/app.py: helper -> package helper
        p/app.py: fast -> p/lib/fast.pyi package
        p/app.py: both -> p/both.py beside
        p/pkg/script.py: near -> p/pkg/near.py around
        p/app.py: twin -> p/twin/__init__.py beside
        """,
    ),
    "python, other projects": Case(
        "app/main.py lib/src/lib_core/__init__.py lib/src/lib_core/x.py lib/tests/__init__.py"
        " other/lib_core.py big/setup.py tools/named/__init__.py",
        """
        app/main.py: lib_core|x -> lib/src/lib_core/x.py dependency
        app/main.py: named|thing -> tools/named/__init__.py package name
        app/main.py: setup|x -> package setup
        app/main.py: tests -> package tests
        """,
        packages=[("python", "lib-core", "lib"), ("python", "named", "tools")],
        needs=[("app", "lib")],
    ),
    "javascript, relative": Case(
        "p/src/a.ts p/src/b.tsx p/src/c.js p/src/d/index.ts p/src/e.d.ts p/src/f.js p/src/f.ts"
        " p/src/g/g.js p/src/style.css p/src/h.vue p/src/d.test.ts p/index.js",
        """
        p/src/a.ts: ./b -> p/src/b.tsx relative
        p/src/a.ts: ./c.js -> p/src/c.js relative
        p/src/a.ts: ./b.js -> p/src/b.tsx relative
        p/src/a.ts: ./d -> p/src/d/index.ts relative
        p/src/a.ts: ./d/ -> p/src/d/index.ts relative
        p/src/d/index.ts: .. -> unknown
        p/src/g/g.js: ../.. -> p/index.js relative
        p/src/a.ts: ./e -> p/src/e.d.ts relative
        p/src/a.ts: ./f -> p/src/f.ts relative
        p/src/c.js: ./f -> p/src/f.js relative
        p/src/a.ts: ./style.css -> p/src/style.css relative
        p/src/a.ts: ./c?raw -> p/src/c.js relative
        p/src/a.ts: raw-loader!./c.js -> p/src/c.js relative
        p/src/g/g.js: ./../../src/./c -> p/src/c.js relative
        p/src/a.ts: ./g -> unknown
        p/src/a.ts: node:fs -> standard library fs
        p/src/a.ts: fs/promises -> standard library fs
        p/src/a.ts: @scope/pkg/sub -> package @scope/pkg
        p/src/a.ts: lodash/fp -> package lodash
        p/src/a.ts: /p/src/c -> unknown
        """,
    ),
    "javascript, packages": Case(
        "mono/packages/one/src/index.ts mono/packages/two/lib/x.js mono/packages/two/index.js"
        " mono/packages/two/main.js app/main.js",
        """
        mono/packages/two/main.js: @m/one -> mono/packages/one/src/index.ts package
        mono/packages/one/src/index.ts: two/lib/x -> mono/packages/two/lib/x.js package
        mono/packages/one/src/index.ts: two/x -> mono/packages/two/lib/x.js package
        app/main.js: two -> mono/packages/two/index.js dependency
        app/main.js: @m/one -> mono/packages/one/src/index.ts dependency
        app/main.js: @m/three -> package @m/three
        """,
        packages=[("npm", "@m/one", "mono/packages/one"), ("npm", "two", "mono/packages/two")],
        needs=[("app", "mono")],
    ),
    "javascript, settings": Case(
        "p/tsconfig.json p/tsconfig.base.json p/src/app.ts p/src/lib/x.ts p/gen/x.ts"
        " p/src/deep/y.js p/sub/package.json p/sub/a.js p/sub/inner/b.js p/pkg/package.json"
        " p/pkg/code/start.ts p/pkg/code/part/z.ts p/sub/tsconfig.json q/x.ts q/lib/x.ts",
        """
        p/src/app.ts: @lib/x -> p/src/lib/x.ts path alias
        p/src/app.ts: exact -> p/gen/x.ts path alias
        p/src/app.ts: src/deep/y -> p/src/deep/y.js path alias
        p/src/app.ts: react -> package react
        p/sub/a.js: #in/b -> p/sub/inner/b.js path alias
        p/src/app.ts: pkg -> p/pkg/code/start.ts package
        p/src/app.ts: pkg/part/z -> p/pkg/code/part/z.ts package
        q/x.ts: @lib/x -> package @lib/x
        q/x.ts: lib/x -> package lib
        """,
        packages=[("npm", "pkg", "p/pkg")],
        places={
            "p/tsconfig.json": (
                "tsconfig",
                [("extends", "./tsconfig.base", "tsconfig.base"), ("base", "baseUrl", ".")],
            ),
            "p/tsconfig.base.json": (
                "tsconfig",
                [
                    ("alias", "@lib/*", "src/lib/*"),
                    ("alias", "exact", "gen/x"),
                ],
            ),
            "p/sub/package.json": ("package_json", [("alias", "#in/*", "inner/*.js")]),
            "p/pkg/package.json": (
                "package_json",
                [
                    ("main", "main", "dist/index.js"),
                    ("export", ".", "code/start.ts"),
                    ("export", "./part/*", "code/part/*.ts"),
                ],
            ),
        },
    ),
    "go": Case(
        "p/main.go p/util/util.go p/util/a_test.go p/util/b.go p/sub/x/x.go q/main.go",
        """
        p/main.go: example.org/p/util -> p/util/b.go package
        p/main.go: example.org/p/sub/x -> p/sub/x/x.go package
        p/main.go: example.org/p/gone -> package example.org/p/gone
        p/main.go: net/http -> standard library net/http
        p/main.go: github.com/a/b/v2/c -> package github.com/a/b
        p/main.go: example.org/poor/util -> package example.org/poor/util
        q/main.go: example.org/p/util -> p/util/b.go package name
        """,
        packages=[("go", "example.org/p", "p")],
    ),
    "rust": Case(
        "p/src/lib.rs p/src/a.rs p/src/a/b.rs p/src/c/mod.rs p/src/c/d.rs p/src/main.rs"
        " p/tests/t.rs p/tests/common/mod.rs q/src/lib.rs q/src/api.rs",
        """
        p/src/lib.rs: self::a -> p/src/a.rs relative
        p/src/a.rs: self::b -> p/src/a/b.rs relative
        p/src/c/mod.rs: self::d -> p/src/c/d.rs relative
        p/src/c/d.rs: super|Thing -> p/src/c/mod.rs relative
        p/src/a/b.rs: super::super::c|d -> p/src/c/d.rs relative
        p/src/a/b.rs: crate::c::d|Thing -> p/src/c/d.rs crate
        p/src/a/b.rs: crate|Thing -> p/src/lib.rs crate
        p/src/a.rs: b|Thing -> p/src/a/b.rs relative
        p/src/a.rs: super|x @tests -> p/src/a.rs relative
        p/tests/t.rs: self::common -> p/tests/common/mod.rs relative
        p/tests/t.rs: my_p::a|Thing -> p/src/a.rs package
        p/src/a.rs: std::io|Read -> standard library std
        p/src/a.rs: serde|Serialize -> package serde
        q/src/api.rs: my_p::c|d -> p/src/c/d.rs package name
        """,
        packages=[("cargo", "my-p", "p"), ("cargo", "q", "q")],
    ),
    "java": Case(
        "p/src/main/java/a/b/C.java p/src/main/java/a/b/D.java p/src/test/java/a/b/CTest.java"
        " q/src/main/java/q/Q.java",
        """
        p/src/test/java/a/b/CTest.java: a.b.C -> p/src/main/java/a/b/C.java declared name
        p/src/test/java/a/b/CTest.java: a.b.C|member -> p/src/main/java/a/b/C.java declared name
        p/src/test/java/a/b/CTest.java: a.b.C.Inner -> p/src/main/java/a/b/C.java declared name
        p/src/test/java/a/b/CTest.java: a.b.Gone -> package a.b
        p/src/test/java/a/b/CTest.java: a.b|* -> p/src/main/java/a/b/C.java declared package
        p/src/test/java/a/b/CTest.java: java.util.List -> standard library java.util
        p/src/test/java/a/b/CTest.java: org.junit.Test -> package org.junit
        q/src/main/java/q/Q.java: a.b.D -> p/src/main/java/a/b/D.java dependency
        """,
        needs=[("q", "p")],
        declares={
            "p/src/main/java/a/b/C.java": "a.b",
            "p/src/main/java/a/b/D.java": "a.b",
            "p/src/test/java/a/b/CTest.java": "a.b",
            "q/src/main/java/q/Q.java": "q",
        },
    ),
    "c": Case(
        "p/src/a.c p/src/a.h p/include/p/b.h p/vendor/z/z.h p/one/same.h p/two/same.h"
        " p/src/string.h",
        """
        p/src/a.c: a.h -> p/src/a.h relative
        p/src/a.c: ../include/p/b.h -> p/include/p/b.h relative
        p/src/a.c: p/b.h -> p/include/p/b.h end of path
        p/src/a.c: <p/b.h> -> p/include/p/b.h end of path
        p/src/a.c: z.h -> p/vendor/z/z.h end of path
        p/src/a.c: same.h -> p/one/same.h end of path 0.35
        p/src/a.c: <stdio.h> -> standard library stdio.h
        p/src/a.c: <string.h> -> standard library string.h
        p/src/a.c: string.h -> p/src/string.h relative
        p/src/a.c: <openssl/ssl.h> -> package openssl
        p/src/a.c: config.h -> unknown
        """,
    ),
    "c#": Case(
        "p/A.cs p/B.cs p/C.cs",
        """
        p/A.cs: My.Space|* -> p/B.cs declared package
        p/A.cs: My.Space.C -> p/C.cs declared name
        p/A.cs: System.Linq|* -> standard library System
        p/A.cs: Newtonsoft.Json|* -> package Newtonsoft
        """,
        declares={"p/A.cs": "My", "p/B.cs": "My.Space", "p/C.cs": "My.Space"},
    ),
    "php": Case(
        "p/src/A.php p/src/Sub/B.php p/index.php p/lib/f.php",
        r"""
        p/src/A.php: My\Sub\B -> p/src/Sub/B.php declared name
        p/src/A.php: \My\Sub\B -> p/src/Sub/B.php declared name
        p/src/A.php: Symfony\Component\X -> package Symfony
        p/src/A.php: Exception -> standard library Exception
        p/index.php: require ./lib/f.php -> p/lib/f.php relative
        p/src/A.php: require lib/f.php -> p/lib/f.php around
        p/src/A.php: require f.php -> p/lib/f.php end of path
        """,
        declares={"p/src/A.php": "My", "p/src/Sub/B.php": r"My\Sub"},
    ),
    "ruby": Case(
        "p/lib/gem.rb p/lib/gem/core.rb p/test/helper.rb p/test/x_test.rb q/main.rb q/json/x.rb",
        """
        p/lib/gem.rb: gem/core -> p/lib/gem/core.rb load path
        p/lib/gem.rb: ./gem/core -> p/lib/gem/core.rb relative
        p/lib/gem/core.rb: ../gem.rb -> p/lib/gem.rb relative
        p/test/x_test.rb: helper -> p/test/helper.rb load path
        p/lib/gem.rb: json -> standard library json
        p/lib/gem.rb: rack/utils -> package rack
        q/main.rb: gem -> p/lib/gem.rb package name
        """,
    ),
    "shell": Case(
        "p/run.sh p/lib/a.sh p/deep/x/b.sh",
        """
        p/run.sh: ./lib/a.sh -> p/lib/a.sh relative
        p/run.sh: lib/a.sh -> p/lib/a.sh relative
        p/run.sh: $(dirname "$0")/lib/a.sh -> p/lib/a.sh around
        p/deep/x/b.sh: ${ROOT}/lib/a.sh -> p/lib/a.sh around
        p/deep/x/b.sh: lib/a.sh -> p/lib/a.sh around
        p/deep/x/b.sh: $ROOT/a.sh -> unknown
        p/run.sh: /etc/profile -> unknown
        p/run.sh: $FILE -> unknown
        """,
    ),
}


def tables() -> dict[str, list[dict[str, Any]]]:
    """Return the rows that `code_imports` reads, of all cases."""
    rows: dict[str, list[dict[str, Any]]] = {
        name: []
        for name in (
            "int_files__current", "int_code__files", "content_imports", "content_symbols",
            "int_dependencies__packages", "int_dependencies__matched",
            "int_dependencies__contents", "manifest_places",
        )
    }  # fmt: skip
    for name, case in CASES.items():
        for path in case.files.split():
            rows["int_files__current"].append(_file(name, path))
            rows["int_code__files"].append(
                {
                    **_file(name, path),
                    "run_seq": 1,
                    "package": case.declares.get(path),
                    "source_run_id": "r",
                }
            )
        numbers: dict[str, int] = {}
        for path, written, _ in imports_of(case):
            number = numbers[path] = numbers.get(path, -1) + 1
            rows["content_imports"].append(_import(f"{name} {path}", number, written, path))
        for ecosystem, package, folder in case.packages:
            rows["int_dependencies__packages"].append(
                {
                    "ecosystem": ecosystem,
                    "canonical_name": package,
                    "project_id": f"{name} {folder.split('/')[0]}",
                    "directory_path": f"/{name}/{folder}",
                    "provider_rank": 1,
                }
            )
        for path, (form, places) in case.places.items():
            key = {"run_id": "r", "sha256": f"{name} {path}", "format": form}
            rows["int_dependencies__contents"].append({**key, "state": "read"})
            rows["manifest_places"] += [
                {**key, "position": place, "kind": kind, "name": alias, "pointer": pointer}
                for place, (kind, alias, pointer) in enumerate(places)
            ]
        for project, provider in case.needs:
            rows["int_dependencies__matched"].append(
                {"project_id": f"{name} {project}", "provider_project_id": f"{name} {provider}"}
            )
    rows["content_symbols"] = [
        {"sha256": "", "run_seq": 1, "qualified_name": "f", "kind": "function"}
    ]
    return rows


def imports_of(case: Case) -> list[tuple[str, str, str]]:
    """Return (file, what it writes, where it leads)."""
    lines = [line.strip() for line in case.imports.splitlines() if line.strip()]
    found = []
    for line in lines:
        left, _, leads = line.rpartition(" -> ")
        path, _, written = left.partition(": ")
        found.append((path, written, leads))
    return found


def _file(name: str, path: str) -> dict[str, Any]:
    project, _, file_path = path.partition("/")
    ending = path.rpartition(".")[2]
    return {
        "file_id": f"{name} {path}",
        "project_id": f"{name} {project}",
        "project_path": f"/{name}/{project}",
        "file_path": file_path,
        "path": f"/{name}/{path}",
        "directory_path": posixpath.dirname(f"/{name}/{path}"),
        "name": posixpath.basename(path),
        "ext": ending,
        "language": LANGUAGES.get(ending),
        "sha256": f"{name} {path}",
        "file_kind": "test" if "test" in path else "source",
        "is_own": "vendor" not in path,
        "is_symlink": False,
    }


def _import(sha256: str, number: int, written: str, path: str) -> dict[str, Any]:
    language = LANGUAGES[path.rpartition(".")[2]]
    kind = KINDS.get(language, "import")
    text, _, scope = written.partition(" @")
    if text.startswith("<"):
        text, kind = text.strip("<>"), "include_system"
    if text.startswith("require "):
        text, kind = text.removeprefix("require "), "require"
    module, _, taken = text.partition("|")
    level = len(module) - len(module.lstrip(".")) if language == "Python" else 0
    if language == "Python" and taken:
        kind = "from"
    return {
        "sha256": sha256,
        "extractor_version": "1",
        "import_index": number,
        "line": number + 1,
        "kind": kind,
        "module": module[level:],
        "level": level,
        "name": taken or None,
        "bound_name": None,
        "scope": scope or None,
        "is_type_only": False,
        "run_id": "r",
        "run_seq": 1,
        "landed_at": None,
    }


def answers(rows: Sequence[Mapping[str, Any]]) -> dict[tuple[str, int], str]:
    """Return where each row of `code_imports` leads, as a case writes it, by file and number."""
    with open(PROJECT / "seeds" / "import_ways.csv", encoding="utf-8", newline="") as file:
        confidences = {row["via"]: float(row["confidence"]) for row in csv.DictReader(file)}
    return {(row["file_id"], row["import_index"]): _answer(row, confidences) for row in rows}


def _answer(row: Mapping[str, Any], confidences: Mapping[str, float]) -> str:
    if row["leads_to"] != "file":
        return " ".join(filter(None, (row["leads_to"], row["resolved_package"])))
    project = row["resolved_project_path"].rpartition("/")[2]
    answer = f"{project}/{row['resolved_file_path']} {row['resolved_via']}"
    is_usual = abs(row["confidence_ratio"] - confidences[row["resolved_via"]]) < 1e-9
    return answer if is_usual else f"{answer} {row['confidence_ratio']:g}"
