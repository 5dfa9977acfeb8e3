"""A small workspace whose projects need one another and the outside: land, build, ask."""

from __future__ import annotations

import csv
import json
import re
import shutil
from pathlib import Path

import pytest
from golden import commit_all, git, source, write
from product import Product
from replayed_build import build

DATA = Path(__file__).parents[1] / "data"
NOW = "2026-03-01T12:00:00"


def build_workspace(code: Path) -> None:
    """Make the workspace: a library, what needs it, a cycle, a copy, and what must not count."""
    write(code / "lib/pyproject.toml", '[project]\nname = "Lib_Core"\nversion = "1.4"\n')
    write(code / "lib/core.py", source(3000, "core"))
    _plant_app(code / "app")
    _plant_tools(code / "tools")
    write(
        code / "svc/requirements.txt",
        "-r reqs/base.txt\nnowhere @ file:///nowhere/at/all\n-r ../app/secret.txt\n",
    )
    write(code / "svc/reqs/base.txt", "-r ../requirements.txt\nlib.core==1.0\n")
    # Each needs the other.
    write(
        code / "web/package.json",
        json.dumps(
            {"name": "web", "dependencies": {"ui": "^1.0.0"}, "peerDependencies": {"react": "*"}}
        ),
    )
    write(
        code / "ui/package.json", json.dumps({"name": "ui", "dependencies": {"web": "file:../web"}})
    )
    _plant_rust(code / "rust")
    write(code / "api/pyproject.toml", '[project]\nname = "api"\ndependencies = ["app"]\n')
    # Two projects as large and as untested as the library: nothing needs the first, whose extra is
    # in a file, and the second declares no name.
    write(
        code / "alone/pyproject.toml",
        '[project]\nname = "alone"\ndynamic = ["optional-dependencies", "version"]\n'
        '[tool.setuptools]\ndynamic.version = {attr = "alone.about.VERSION"}\n'
        'dynamic.optional-dependencies = {dev = {file = ["dev-needs.txt"]}}\n',
    )
    write(code / "alone/dev-needs.txt", "pytest\n")
    write(code / "alone/core.py", source(3000, "alone"))
    write(code / "alone/src/alone/about.py", "VERSION = (4, 2)\n")
    write(code / "nameless/core.py", source(3000, "nameless"))
    for folder in sorted(code.iterdir()):
        commit_all(folder)
    git(code / "tools", "remote", "add", "origin", "git@example.org:me/Tools.git")
    shutil.copytree(code / "app", code / "backup/app", ignore=shutil.ignore_patterns(".git"))


def _plant_app(app: Path) -> None:
    write(
        app / "pyproject.toml",
        '[project]\nname = "app"\ndependencies = ["lib-core>=1", "requests>=2",'
        ' "called-otherwise @ git+https://u:secret@example.org/me/tools@v1"]\n'
        # Its own extras: no need of another package.
        '[project.optional-dependencies]\nall = ["app[some]"]\n'
        '[dependency-groups]\ndev = ["app_tools"]\n',
    )
    write(
        app / "plugin/setup.cfg",
        "[metadata]\nname = app-plugin\n[options]\ninstall_requires = LIB.CORE\n",
    )
    write(app / "docs/requirements.txt", "sphinx\n")
    write(app / ".github/requirements.txt", "ci-tool\n")
    write(app / "secret.txt", "secret-of-app\n")
    for number in range(12):
        write(app / f"app/module_{number}.py", source(5, f"m{number}"))


def _plant_tools(tools: Path) -> None:
    write(
        tools / "setup.py",
        "from setuptools import setup\nsetup(name='app-tools', install_requires=['lib-core'])\n",
    )
    write(tools / "requirements.txt", "-e .\n../lib\n")
    # None of these says what the project needs, nor is any of them the library.
    for folder in ("vendor/lib", "tests/fixtures/lib", "examples/lib"):
        write(
            tools / folder / "pyproject.toml",
            '[project]\nname = "lib-core"\ndependencies = ["evil"]\n',
        )
    write(tools / "broken/package.json", "{")


def _plant_rust(rust: Path) -> None:
    write(
        rust / "Cargo.toml",
        '[workspace]\nmembers = ["base", "top"]\n[workspace.dependencies]\n'
        'base_crate = { path = "base", version = "0.2" }\nunused = "9"\nserde = "1"\n',
    )
    write(rust / "base/Cargo.toml", '[package]\nname = "base-crate"\nversion = "0.2.0"\n')
    write(
        rust / "top/Cargo.toml",
        '[package]\nname = "top"\n[dependencies]\nbase_crate.workspace = true\n'
        "serde.workspace = true\n",
    )


@pytest.fixture(scope="module")
def built(tmp_path_factory) -> tuple[Product, Path]:
    root = tmp_path_factory.mktemp("workspace")
    build_workspace(root / "code")
    product = Product(tmp_path_factory.mktemp("dependencies"), now=NOW)
    product.crawl(root / "code")
    product.land("git")
    product.land("manifests")
    counts = json.loads(product.land("manifests", "--json").stdout)
    assert (counts["landed"], counts["quarantined"]) == (0, 1)
    assert "published: version 1" in build(product)
    return product, root


def _text(value: object) -> str:
    return "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def test_each_project_has_exactly_the_expected_needs(built):
    product, root = built
    with open(DATA / "golden_dependencies.csv", newline="", encoding="utf-8") as file:
        expected = sorted(tuple(row.values()) for row in csv.DictReader(file))
    found = product.query(
        "select project_path, ecosystem, dependency_name, scope, specifier,"
        " provider_project_path, match_reason, manifest_path, manifest_count, is_copy from"
        " project_dependencies"
    )
    assert (
        sorted(tuple(_text(value).removeprefix(f"{root}/") for value in row) for row in found)
        == expected
    )


def test_a_version_here_satisfies_a_requirement_conflicts_with_it_or_is_unknown(built):
    product, _ = built
    found = product.query(
        "select split_part(project_path, '/code/', 2), dependency_name, specifier,"
        " provider_version, is_satisfied from project_dependencies"
        " where provider_project_id is not null and not is_copy"
    )
    assert sorted(found, key=str) == [
        ("api", "app", None, None, True),
        ("app", "app-tools", None, None, True),
        # A commit of a repository has any version.
        ("app", "called-otherwise", None, None, None),
        ("app", "lib-core", ">=1", "1.4", True),
        ("rust", "base-crate", "0.2", "0.2.0", True),
        ("svc", "lib-core", "==1.0", "1.4", False),
        ("tools", "lib-core", None, "1.4", True),
        ("ui", "web", None, None, True),
        ("web", "ui", "^1.0.0", None, None),
    ]
    packages = product.query(
        "select split_part(project_path, '/code/', 2), package_name, version, is_complete"
        " from packages where package_path = '' and project_path not like '%/backup/%'"
        " and package_name is not null"
    )
    assert sorted(packages) == [
        ("alone", "alone", "4.2", True),
        ("api", "api", None, True),
        ("app", "app", None, True),
        ("lib", "Lib_Core", "1.4", True),
        ("tools", "app-tools", None, True),
        ("ui", "ui", None, True),
        ("web", "web", None, True),
    ]


def test_dependants_are_direct_or_further_and_copies_do_not_count(built):
    product, root = built
    found = product.query(
        "select project_path, dependant_project_path, is_direct from project_dependants"
    )
    short = {
        (project.rpartition("/")[2], other.removeprefix(f"{root}/code/"), steps)
        for project, other, steps in found
    }
    assert short == {
        ("lib", "app", True),
        ("lib", "tools", True),
        ("lib", "svc", True),
        ("tools", "app", True),
        ("app", "api", True),
        ("lib", "api", False),
        ("tools", "api", False),
        ("web", "ui", True),
        ("ui", "web", True),
    }
    assert len(found) == len(short)


def test_an_action_is_weighted_by_dependants_and_gives_the_reason(built):
    product, root = built
    rows = product.query(
        "select project_path, dependency_weight::double, rationale from v_next_actions"
        " where action_type = 'HIGH_SIZE_LOW_TEST_COVERAGE'"
    )
    reported = {
        path.removeprefix(f"{root}/code/"): (
            weight,
            re.search(r"dependants [^(]*\(([^)]*)\)", rationale)[1],
        )
        for path, weight, rationale in rows
    }
    assert reported == {
        "lib": (13.0, "3 projects here need it, 1 more through others"),
        "alone": (0.0, "no project here needs it"),
        "nameless": (4.0, "not known: neutral"),
    }


def test_the_command_shows_both_directions(built):
    product, root = built
    rows = json.loads(
        product.enrich("dependencies", root / "code/tools", "--format", "json").stdout
    )
    assert [
        (row["direction"], row["dependency_name"], row["match_reason"], row["is_direct"])
        for row in rows
    ] == [
        ("needs", "lib-core", "path", None),
        ("needed_by", "called-otherwise", "remote", True),
        ("needed_by", "app-tools", "name", True),
        ("needed_by", None, None, False),
    ]
    page = product.enrich("dependencies", "lib").stdout
    assert "No manifest declares what lib needs." in page and page.count("lib-core") == 3
    assert page.count("1.4, not accepted") == 1
    page = product.enrich("show", root / "code/svc").stdout
    assert "needs lib-core ==1.0, here is 1.4; reqs/base.txt" in " ".join(page.split())
    assert "\n" in product.enrich("dependencies", "nameless").stdout


def test_the_file_contains_nothing_secret_or_foreign(built):
    product, _ = built
    everything = str(product.query("from project_dependencies")) + str(
        product.query("from action_queue")
    )
    assert (
        "u:secret" not in everything
        and "evil" not in everything
        and "secret-of-app" not in everything
    )
