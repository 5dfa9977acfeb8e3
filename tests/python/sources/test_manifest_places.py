"""The places that manifests name, as plain paths."""

from __future__ import annotations

import json
import textwrap
import time

import pytest

from loaders.sources.manifests.manifest_facts import InvalidManifest, Manifest
from loaders.sources.manifests.read import READERS

CASES = {
    "main, exports, aliases and programs of package.json": (
        "package_json",
        json.dumps(
            {
                "main": "./dist/index.js",
                "types": "dist/index.d.ts",
                "browser": {"fs": False},
                "exports": {
                    ".": {"import": {"types": "./d.ts", "other": "./esm.js"}, "require": "./c.js"},
                    "./sub/*": ["./src/sub/*.js", None],
                },
                "imports": {"#x/*": "./src/x/*.js"},
                "bin": {"tool": "bin/tool.js"},
                "scripts": {"start": "node --env-file=.env ./server.js PASSWORD=a/b.c", "test": 1},
            }
        ),
        [
            "main main dist/index.js",
            "main types dist/index.d.ts",
            "export . d.ts",
            "export . esm.js",
            "export . c.js",
            "export ./sub/* src/sub/*.js",
            "alias #x/* src/x/*.js",
            "entry tool bin/tool.js",
            "entry start server.js",
        ],
    ),
    "one export for all": ("package_json", '{"exports": {"default": "./a.js"}, "bin": "b.js"}', [
        "export . a.js", "entry bin b.js",
    ]),
    "tsconfig with comments": (
        "tsconfig",
        """{
            // where modules are
            "extends": ["./base.json", "@tsconfig/node20"],
            "compilerOptions": {
                "baseUrl": ".", /* "paths": {} */
                "paths": {"@app/*": ["./src/*", "gen/*"], "url//x": ["a//b",],},
            },
        }""",
        [
            "base baseUrl .",
            "alias @app/* src/*",
            "alias @app/* gen/*",
            "alias url//x a/b",
            "extends ./base.json base.json",
        ],
    ),
    "pyproject": (
        "pyproject",
        """
        [project.scripts]
        tool = "pkg.main:run"
        bad = "pkg main"
        [project.entry-points."x.plugins"]
        plug = "pkg.plug"
        [tool.setuptools.packages.find]
        where = ["python"]
        [[tool.poetry.packages]]
        include = "pkg"
        from = "lib"
        """,
        ["module tool pkg/main", "module plug pkg/plug", "root where python", "root from lib"],
    ),
    "setup.cfg": (
        "setup_cfg",
        """
        [options]
        package_dir =
            = src
            pkg = other
        [options.packages.find]
        where = src
        [options.entry_points]
        console_scripts =
            tool = pkg.main:run
        """,
        ["module tool pkg/main", "root where src", "root package_dir src"],
    ),
    "cargo": ("cargo", '[lib]\npath = "l.rs"\n[[bin]]\nname = "x"\npath = "b/x.rs"\n', [
        "main lib l.rs", "entry bin b/x.rs",
    ]),
    "nothing that may be a secret": (
        "package_json",
        json.dumps({"main": "https://user:password@host/x.js", "bin": "a\nb", "types": 3}),
        [],
    ),
}  # fmt: skip


def read(form: str, text: str) -> Manifest:
    return READERS[form](text.encode())


@pytest.mark.parametrize("name", CASES)
def test_places_are_read(name: str) -> None:
    form, text, expected = CASES[name]
    found = read(form, textwrap.dedent(text))
    assert [f"{place.kind} {place.name} {place.pointer}" for place in found.places] == expected


@pytest.mark.parametrize(
    "text", ['"' * 500_000, "/*" * 400_000, '"\\' * 400_000, "[" * 100_000, "{" + "," * 500_000]
)
def test_a_hostile_tsconfig_ends_soon(text: str) -> None:
    began = time.perf_counter()
    with pytest.raises(InvalidManifest):
        read("tsconfig", text)
    assert time.perf_counter() - began < 5
