"""Requirements files and pyproject.toml as pip, setuptools, Poetry, PDM and Hatch read them."""

from __future__ import annotations

import pytest

from loaders.sources.manifests.manifest_facts import Dependency, InvalidManifest
from loaders.sources.manifests.read import READERS, reader_of

# A line of a requirements file → name, range, scope, kind and text of the pointer.
LINES: dict[str, tuple[str | None, str | None, str, str | None, str | None]] = {
    "Foo_Bar[x] >= 1 ; python_version < '4'": ("foo-bar", ">=1", "runtime", None, None),
    "foo==1.0 --hash=sha256:00": ("foo", "==1.0", "runtime", None, None),
    "libs/near": (None, None, "runtime", "path", "libs/near"),
    "./libs/near[extra]": (None, None, "runtime", "path", "libs/near"),
    "-e ../near": (None, None, "runtime", "path", "../near"),
    "--editable=../near": (None, None, "runtime", "path", "../near"),
    "dist/My_Lib-1.2-py3-none-any.whl": ("my-lib", "==1.2", "runtime", "path",
        "dist/My_Lib-1.2-py3-none-any.whl"),
    "my_lib-1.2-py3-none-any.whl ; python_version > '3'": ("my-lib", "==1.2", "runtime", "path",
        "my_lib-1.2-py3-none-any.whl"),
    "odd.whl": (None, None, "runtime", "path", "odd.whl"),
    "thing-1.0.tar.gz": (None, None, "runtime", "path", "thing-1.0.tar.gz"),
    "https://host/a_b-1.0-py3-none-any.whl?sig=secret": ("a-b", "==1.0", "runtime", "url",
        "https://host/a_b-1.0-py3-none-any.whl"),
    "git+ssh://git@host/o/r.git@v1#egg=My.Name&subdirectory=x": ("my-name", None, "runtime", "git",
        "ssh://host/o/r.git"),
    "git@host:o/r.git": (None, None, "runtime", "git", "git@host:o/r.git"),
    "far @ git+https://host/o/far@v1": ("far", None, "runtime", "git", "https://host/o/far"),
    "near @ file:///srv/near": ("near", None, "runtime", "path", "/srv/near"),
    "foo ; extra == 'dev'": ("foo", None, "optional", None, None),
    "foo ; extra == 'dev' or python_version < '3'": ("foo", None, "runtime", None, None),
    "-r base.txt": (None, None, "include", "path", "base.txt"),
    "-c limits.txt": (None, None, "constraint", "path", "limits.txt"),
}  # fmt: skip


def fields(need: Dependency) -> tuple[str | None, str | None, str, str | None, str | None]:
    return need.canonical_name, need.specifier, need.scope, need.pointer_kind, need.pointer


@pytest.mark.parametrize("line", LINES)
def test_a_line_of_requirements(line: str) -> None:
    manifest = READERS["requirements"](f"{line}\n".encode())
    assert [fields(need) for need in manifest.dependencies] == [LINES[line]]
    assert manifest.is_complete and not manifest.rejected


@pytest.mark.parametrize(
    "line", ["-r https://host/more.txt", "-r more.cfg", "-r ~/x.txt", "${PRIVATE}/x", "a==${V}"]
)
def test_a_line_that_needs_more_than_the_file(line: str) -> None:
    assert not READERS["requirements"](f"{line}\n".encode()).is_complete


# The content of a requirements file, each with the requirement `a==1`.
ENCODED = {
    "a coding line": "# -*- coding: latin-1 -*-\n# Abh\u00e4ngigkeiten\na==1\n".encode("latin-1"),
    "on the second line": "#!x\n# vim: set coding=cp1252 :\n# \u20ac\na==1\n".encode("cp1252"),
    "UTF-8 with a mark": "\ufeffa==1\n".encode(),
    "UTF-16": "# \u00e9\na==1\n".encode("utf-16"),
    "UTF-32": "a==1\n".encode("utf-32"),
    "a mark is stronger": b"\xef\xbb\xbf# coding: latin-1\n# \xc3\xa9\na==1\n",
}


@pytest.mark.parametrize("name", ENCODED)
def test_the_encoding_of_requirements(name: str) -> None:
    [need] = READERS["requirements"](ENCODED[name]).dependencies
    assert (need.name, need.specifier) == ("a", "==1")


@pytest.mark.parametrize("raw", [b"# \xe9\na==1\n", b"# coding: no\na\n", b"# coding: idna\na"])
def test_requirements_that_pip_refuses(raw: bytes) -> None:
    with pytest.raises(InvalidManifest, match=r"not UTF-8|not known"):
        READERS["requirements"](raw)


PROJECT = '[project]\nname = "p"\nversion = "1"\n'
# A pyproject.toml → its entries without the build system, and whether they are all.
PYPROJECTS: dict[str, tuple[str, list[tuple[str | None, str | None, str, str | None]], bool]] = {
    "Poetry 1": (
        (
            '[tool.poetry]\nname = "p"\n[tool.poetry.dependencies]\npython = "^3.9"\na = "^1"\n'
            'b = {version = "2", optional = true}\n[tool.poetry.extras]\nall = ["b"]\n'
            '[tool.poetry.group.main.dependencies]\nc = "*"\n'
            '[tool.poetry.dev-dependencies]\nd = "3"\n'
        ),
        [
            ("a", "^1", "runtime", None),
            ("b", "2", "optional", "all"),
            ("d", "3", "dev", None),
            ("c", "*", "runtime", None),
        ],
        True,
    ),
    "Poetry 2": (
        PROJECT + 'dependencies = ["a>=1"]\n[tool.poetry.dependencies]\na = {path = "../a"}\n'
        '[tool.poetry.group.test.dependencies]\nt = "^1"\n',
        [("a", ">=1", "runtime", None), ("t", "^1", "dev", "test")],
        True,
    ),
    "Poetry has what is dynamic": (
        PROJECT + 'dynamic = ["dependencies"]\n[tool.poetry.dependencies]\nattrs = "^23"\n',
        [("attrs", "^23", "runtime", None)],
        True,
    ),
    "setuptools takes files": (
        PROJECT + 'dynamic = ["dependencies", "optional-dependencies"]\n[tool.setuptools]\n'
        'dynamic.dependencies = {file = "base.txt"}\n'
        'dynamic.optional-dependencies = {dev = {file = ["dev-needs.txt"]}}\n',
        [(None, None, "include", None), (None, None, "include", "dev")],
        True,
    ),
    "Hatch takes files": (
        PROJECT + 'dynamic = ["dependencies"]\n'
        '[tool.hatch.metadata.hooks.requirements_txt]\nfiles = ["base.txt"]\n',
        [(None, None, "include", None)],
        True,
    ),
    "a plugin computes what is dynamic": (PROJECT + 'dynamic = ["dependencies"]\n', [], False),
    "a plugin computes the extras": (
        PROJECT + 'dependencies = ["a"]\ndynamic = ["optional-dependencies"]\n',
        [("a", None, "runtime", None)],
        False,
    ),
    "groups": (
        PROJECT + '[dependency-groups]\ntest = ["t", {include-group = "lint"}]\nlint = ["l"]\n',
        [("t", None, "dev", "test"), ("l", None, "dev", "lint")],
        True,
    ),
    "PDM, Hatch, uv": (
        PROJECT + '[tool.pdm.dev-dependencies]\nx = ["-e file:///${PROJECT_ROOT}/sub#egg=sub"]\n'
        '[tool.hatch.envs.docs]\ndependencies = ["h"]\n[tool.uv]\ndev-dependencies = ["u"]\n',
        [
            ("sub", None, "dev", "x"),
            ("u", None, "dev", "dev-dependencies"),
            ("h", None, "dev", "docs"),
        ],
        True,
    ),
}


@pytest.mark.parametrize("name", PYPROJECTS)
def test_a_pyproject(name: str) -> None:
    text, expected, is_complete = PYPROJECTS[name]
    manifest = READERS["pyproject"](text.encode())
    found = [
        (need.name, need.specifier, need.scope, need.group_name) for need in manifest.dependencies
    ]
    assert (found, manifest.is_complete) == (expected, is_complete)


def test_poetry_gives_the_place_of_a_standard_dependency() -> None:
    [need] = READERS["pyproject"](
        PYPROJECTS["Poetry 2"][0].partition("[tool.poetry.group")[0].encode()
    ).dependencies
    assert (need.pointer_kind, need.pointer) == ("path", "../a")


def test_setup_cfg_lists_by_lines_or_by_semicolons() -> None:
    manifest = READERS["setup_cfg"](
        b"[options]\ninstall_requires = a; b>=1\n[options.extras_require]\nx = file: x.txt\n"
        b"y =\n  c ; os_name == 'nt'\n  d # why\n"
    )
    assert [(need.name, need.scope, need.group_name) for need in manifest.dependencies] == [
        ("a", "runtime", None),
        ("b", "runtime", None),
        (None, "include", "x"),
        ("c", "optional", "y"),
        ("d", "optional", "y"),
    ]


# A declaration of the version → the modules that setuptools or Hatch looks into, in their order,
# and the names that it looks for.
PLACES = {
    'setuptools.dynamic.version = {attr = "a.b.V"}': [
        "src/a/b.py V",
        "src/a/b/__init__.py V",
        "a/b.py V",
        "a/b/__init__.py V",
    ],
    'setuptools.package-dir = {"" = "lib"}\nsetuptools.dynamic.version.attr = "a.V"': [
        "lib/a.py V",
        "lib/a/__init__.py V",
    ],
    'setuptools.package-dir.a = "x"\nsetuptools.dynamic.version.attr = "a.V"': ["x/__init__.py V"],
    'setuptools.dynamic.version = {file = "VERSION"}': [],
    'setuptools.dynamic.version.attr = "/etc/a.V"': [],
    'hatch.version.path = "a/about.py"': ["a/about.py __version__", "a/about.py VERSION"],
    'hatch.version = {path = "a.py", pattern = "x"}': [],
    'hatch.version.path = "secret.env"': [],
}


@pytest.mark.parametrize("declaration", PLACES)
def test_the_modules_that_may_have_the_version(declaration: str) -> None:
    text = f'[project]\nname = "a"\ndynamic = ["version"]\n[tool]\n{declaration}\n'
    manifest = READERS["pyproject"](text.encode())
    found = [f"{place.pointer} {place.group_name}" for place in manifest.version_places]
    assert found == PLACES[declaration] and not manifest.dependencies
    # A version that is written down is not looked for.
    static = READERS["pyproject"](text.replace("dynamic", "keywords", 1).encode())
    assert not static.version_places


def test_the_module_of_a_setup_cfg() -> None:
    text = b"[metadata]\nversion = attr: a.V\n[options]\npackage_dir =\n    = src\n"
    places = READERS["setup_cfg"](text).version_places
    assert [place.pointer for place in places] == ["src/a.py", "src/a/__init__.py"]


@pytest.mark.parametrize(
    ("module", "version"),
    [
        ("V = '1.2'\n", "1.2"),
        ("import x\nU = V = '1.2'\nV = '3'\n", "1.2"),
        ("V: str = '1.2.dev0'\n", "1.2.dev0"),
        ("V = (1, 2, 'rc1')\n", "1.2rc1"),
        ("V = '1.' + '2'\n", None),
        ("V = version('a')\n", None),
        ("from .b import V\n", None),
        ("if x:\n    V = '1.2'\n", None),
        ("V: str\n", None),
        ("V = 'ghp_secret'\n", None),
        ("V = [\n", None),
        ("W = '1.2'\n", None),
    ],
)
def test_the_version_of_a_module_is_a_literal(module: str, version: str | None) -> None:
    manifest = reader_of("attribute V")(module.encode())
    assert manifest.version == version and (manifest.version_key is None) == (version is None)
