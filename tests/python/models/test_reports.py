"""Reports of a small workspace: which file each path means, and what became of each finding."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from golden import commit_all, git, source, write
from product import Product
from replayed_build import build

NOW = "2026-03-01T12:00:00"


def sarif(
    tool: str,
    results: Sequence[dict[str, Any]],
    bases: dict[str, str] | None = None,
    **run: Any,
) -> str:
    """Return a SARIF log of one run."""
    described = {
        "tool": {"driver": {"name": tool, "rules": []}},
        "results": list(results),
        "originalUriBaseIds": {name: {"uri": uri} for name, uri in (bases or {}).items()},
        **run,
    }
    return json.dumps({"version": "2.1.0", "runs": [described]})


def result(uri: str, line: int = 1, rule: str = "R1", base: str | None = None, **more: Any) -> Any:
    place = {"uri": uri} | ({"uriBaseId": base} if base else {})
    return {
        "ruleId": rule,
        "level": "warning",
        "message": {"text": f"{rule} in line {line}"},
        "locations": [
            {"physicalLocation": {"artifactLocation": place, "region": {"startLine": line}}}
        ],
        **more,
    }


# Report → its paths, and for each the project, the file and the way, or how it is not known.
PATHS: dict[str, tuple[list[Any], list[tuple[str, ...]]]] = {
    "shop/out/root.sarif": (
        ["src/shop/cart.py", "src/shop/gone.py"],
        [("shop", "src/shop/cart.py", "project"), ("unmatched",)],
    ),
    "shop/tools/up.sarif": (
        ["../src/shop/cart.py"],
        [("shop", "src/shop/cart.py", "report folder")],
    ),
    "shop/src/near.sarif": (["shop/cart.py"], [("shop", "src/shop/cart.py", "report folder")]),
    # pytest --cov=src leaves out the source folder.
    "shop/out/root-of-source.sarif": (
        ["shop/cart.py", "shop/stock.py"],
        [
            ("shop", "src/shop/cart.py", "source root"),
            ("shop", "src/shop/stock.py", "source root"),
        ],
    ),
    "shop/out/elsewhere.sarif": (
        ["file:///builds/x/y/src/shop/cart.py"],
        [("shop", "src/shop/cart.py", "project")],
    ),
    "shop/out/parent.sarif": (["shop/README.md"], [("shop", "README.md", "parent folder")]),
    # A package in the project, and the project, have the same file.
    "shop/part/in-package.sarif": (
        ["part.js"],
        [("shop", "part/part.js", "package folder")],
    ),
    "shop/out/in-neither.sarif": (["part.js"], [("ambiguous",)]),
    # The same name in two places that the report may mean.
    "shop/out/two.sarif": (["settings.py"], [("ambiguous",)]),
    "../ci/named.sarif": (
        ["file:///home/runner/work/Shop/src/shop/cart.py", "/usr/lib/python3/abc.py"],
        [("shop", "src/shop/cart.py", "project"), ("unmatched",)],
    ),
    "../ci/windows.sarif": (
        ["file:///C:/Agent/Shop/src/Shop/Cart.py"],
        [("shop", "src/shop/cart.py", "project")],
    ),
    "../ci/mapped.sarif": (
        ["file:///app/src/shop/cart.py"],
        [("shop", "src/shop/cart.py", "mapped prefix")],
    ),
    "../ci/here.sarif": (["{code}/shop/README.md"], [("shop", "README.md", "absolute")]),
    # A folder whose name no project has; and two copies, of which neither has the report.
    "../ci/unknown.sarif": (["file:///home/dev/other/src/shop/cart.py"], [("ambiguous",)]),
    "../ci/copies.sarif": (
        ["file:///home/dev/web/pages/home.js", "file:///home/dev/web/pages/shop.js"],
        [("ambiguous",), ("ambiguous",)],
    ),
    "two/web/in-copy.sarif": (
        ["file:///home/dev/web/pages/home.js", "pages/shop.js"],
        [("two/web", "pages/home.js", "project"), ("two/web", "pages/shop.js", "report folder")],
    ),
    "../ci/only.sarif": (["cmd/server/main.go"], [("api", "cmd/server/main.go", "only project")]),
}


def _plant(code: Path) -> None:
    shop = code / "shop"
    write(shop / "README.md", "shop\n")
    write(shop / "src/app.py", source(60, "app"))
    for name in ("cart", "stock"):
        write(shop / f"src/shop/{name}.py", source(20, name))
    for folder in (shop, shop / "part"):
        write(folder / "package.json", "{}")
        write(folder / "part.js", "let part;\n")
    for folder in ("a", "b"):
        write(shop / f"{folder}/src/settings.py", "x = 1\n")
    for copy in ("one", "two"):
        for name in ("home", "shop", "list"):
            write(code / copy / f"web/pages/{name}.js", f"let {name} = 'a page of the web';\n")
    write(code / "api/cmd/server/main.go", "package main\n")
    for project in (shop, code / "one/web", code / "two/web", code / "api"):
        commit_all(project)


def _lint(shop: Path, name: str, lines: dict[str, list[int]], **more: Any) -> None:
    found = [result(name, line, rule) for rule, there in lines.items() for line in there]
    kept = {"suppressions": [{"kind": "inSource", "justification": "meant"}]}
    found.append(result(name, lines["A"][0], "S", **kept))
    write(shop / "out/lint.sarif", sarif("lint", found, **more))


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Product:
    root = tmp_path_factory.mktemp("reported")
    code, product = root / "code", Product(tmp_path_factory.mktemp("reports"), now=NOW)
    _plant(code)
    shop = code / "shop"
    for report, (paths, _) in PATHS.items():
        given = [result(path.replace("{code}", str(code))) for path in paths]
        write(code / report, sarif(report, given))
    based = result("cart.py", base="PKG")
    write(root / "ci/based.sarif", sarif("based", [based], {"PKG": "file:///x/shop/src/shop/"}))
    for tool, line in (("one", 7), ("other", 7)):
        weak = result("file:///x/shop/src/shop/stock.py", line, properties={"tags": ["CWE-79"]})
        write(root / f"ci/{tool}.sarif", sarif(tool, [weak]))
    write(root / "ci/keys.sarif", sarif("gitleaks", [result("file:///x/shop/src/shop/cart.py")]))
    _lint(shop, "src/app.py", {"A": [10, 20], "B": [30]})
    prefix = f"--map-prefix=/app={shop}"
    product.land("reports", root, prefix)
    # 30 lines come in above, and git renames the file.
    write(shop / "src/app.py", source(30, "new") + source(60, "app"))
    commit_all(shop)
    git(shop, "mv", "src/app.py", "src/main.py")
    commit_all(shop)
    _lint(shop, "src/main.py", {"A": [40, 50], "C": [60]})
    product.crawl(code)
    product.land("git")
    product.land("reports", root)
    assert "published: version 1" in build(product)
    return product


def test_each_path_means_the_right_file_or_none(built: Product) -> None:
    found = built.query(
        "select tool, named.project_path, findings.file_path, matched_by, match_state"
        " from quality_findings as findings left join files using (file_id)"
        " left join projects as named on named.project_id = files.project_id"
    )
    wrong = []
    for report, (_, expected) in PATHS.items():
        places = [
            (path.partition("/code/")[2], file, by) if path else (state,)
            for tool, path, file, by, state in found
            if tool == report
        ]
        if sorted(places) != sorted(expected):
            wrong.append((report, places))
    assert wrong == []


def test_a_base_of_the_report_comes_before_its_path(built: Product) -> None:
    assert built.query(
        "select file_path, match_state from quality_findings where tool = 'based'"
    ) == [("src/shop/cart.py", "matched")]


def test_a_finding_survives_lines_above_it_and_a_renamed_file(built: Product) -> None:
    assert built.query(
        "select rule_id, start_line, file_path, status, state from quality_findings"
        " where tool = 'lint' order by all"
    ) == [
        ("A", 40, "src/main.py", "open", "unchanged"),
        ("A", 50, "src/main.py", "open", "unchanged"),
        ("B", 30, "src/main.py", "gone", "gone"),
        ("C", 60, "src/main.py", "open", "new"),
        ("S", 40, "src/main.py", "suppressed", "unchanged"),
    ]
    assert built.query(
        "select open_count, suppressed_count, new_count, gone_count, medium_count, status"
        " from v_quality where tool = 'lint'"
    ) == [(3, 1, 1, 1, 3, "warning")]


def test_two_tools_that_find_the_same_are_counted(built: Product) -> None:
    assert built.query(
        "select tool, tool_count from quality_findings where tags like '%CWE-79%' order by tool"
    ) == [("one", 2), ("other", 2)]


def test_a_secret_is_a_finding_of_its_project(built: Product) -> None:
    assert built.query(
        "select project_path like '%/shop', severity from gap_findings"
        " where gap_type = 'SECRET_FOUND' and status = 'open'"
    ) == [(True, "critical")]


def test_findings_of_rules_are_a_sarif_log(built: Product, tmp_path: Path) -> None:
    shown = built.enrich("export-sarif", "--all", tmp_path / "own.sarif")

    log = json.loads((tmp_path / "own.sarif").read_text())
    [run] = log["runs"]
    rules = run["tool"]["driver"]["rules"]
    assert "exported: " in shown.stdout and log["version"] == "2.1.0"
    assert all(rules[one["ruleIndex"]]["id"] == one["ruleId"] for one in run["results"])
    assert sorted(one["partialFingerprints"]["findingId/v1"] for one in run["results"]) == [
        key for (key,) in built.query("select finding_id from v_gap_backlog order by finding_id")
    ]
