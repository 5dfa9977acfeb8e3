"""Calls lead to the definitions that they call, in every form and not in others; the graphs of code
have the measures of networkx.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import duckdb
import pyarrow as pa
import pytest
from product import PROJECT
from ranked_graphs import solved
from replayed_build import plan

from loaders.publishing import page_ranks
from loaders.sources.code.tables import TABLES
from loaders.zone.schemas import OF_THE_RUN

Text = str | None
_MADE = (
    *("code_symbols", "int_code__found", "code_calls", "graph_edges", "graph_nodes"),
    *("graph_types", "v_symbol_search"),
)
FILES = {
    "py/pkg/__init__.py": ("Python", None),
    "py/pkg/impl.py": ("Python", None),
    "py/pkg/sub/__init__.py": ("Python", None),
    "py/pkg/sub/deep.py": ("Python", None),
    "py/pkg/cycle.py": ("Python", None),
    "py/app.py": ("Python", None),
    "py/star.py": ("Python", None),
    "js/shape.js": ("JavaScript", None),
    "js/index.js": ("JavaScript", None),
    "js/app.js": ("JavaScript", None),
    "go/a/one.go": ("Go", "a"),
    "go/a/two.go": ("Go", "a"),
    "go/b/other.go": ("Go", "b"),
    "rb/car.rb": ("Ruby", None),
    "java/Car.java": ("Java", "x.cars"),
    "java/Base.java": ("Java", "x.cars"),
    "c/lib.h": ("C", None),
    "c/other.h": ("C", None),
    "c/lib.c": ("C", None),
    "c/main.c": ("C", None),
    "c/twin.c": ("C", None),
}
# file → its definitions: `Class:`, `module/`, `Class.method`, `function`
SYMBOLS = {
    "py/pkg/impl.py": "run Base: Base.go Base.both Left: Left.both Right: Right.both Right.right",
    "py/pkg/sub/deep.py": "dive only_here.local_name",
    "py/app.py": "main twice twice K: K.own Both: Both.x Diamond: Top: Top.both L: R: R.both",
    "js/shape.js": "default area Shape: Shape.draw Shape.onlyone",
    "js/app.js": "start",
    "go/a/one.go": "Start T: ",
    "go/a/two.go": "help T.Close",
    "go/b/other.go": "help Other",
    "rb/car.rb": "Noisy/ Loud/ Car:",
    "java/Car.java": "Car: Car.drive",
    "java/Base.java": "Base: Base.stop Base.make",
    "c/lib.h": "inlined",
    "c/other.h": "inlined",
    "c/lib.c": "only shared",
    "c/main.c": "main",
    "c/twin.c": "shared",
}
# file → line of its imports: module, name, bound name, file
IMPORTS: dict[str, list[tuple[str, str | None, str | None, str | None]]] = {
    "py/pkg/__init__.py": [
        ("impl", "run", "run", "py/pkg/impl.py"),
        ("impl", "Base", "Base", "py/pkg/impl.py"),
        ("cycle", "lost", "lost", "py/pkg/cycle.py"),
    ],
    "py/pkg/cycle.py": [("pkg", "lost", "lost", "py/pkg/__init__.py")],
    "py/star.py": [("pkg", "*", None, "py/pkg/__init__.py")],
    "py/app.py": [
        ("pkg", "run", "run", "py/pkg/__init__.py"),  # 0
        ("pkg", None, "pkg", "py/pkg/__init__.py"),  # 1
        ("pkg.impl", None, "pkg", "py/pkg/impl.py"),  # 2
        ("pkg", "impl", "impl", "py/pkg/impl.py"),  # 3
        ("pkg.impl", "Left", "Left", "py/pkg/impl.py"),  # 4
        ("pkg.impl", "Right", "Right", "py/pkg/impl.py"),  # 5
        ("os", "path", "path", None),  # 6
        ("pkg", "lost", "lost", "py/pkg/__init__.py"),  # 7
        ("star", "run", "starred", "py/star.py"),  # 8
    ],
    "js/index.js": [
        ("./shape", "area", "surface", "js/shape.js"),
        ("./app", None, None, "js/app.js"),
    ],
    "js/app.js": [
        ("./index", "surface", "surface", "js/index.js"),
        ("./shape", "default", "make", "js/shape.js"),
        ("./shape", "*", "shape", "js/shape.js"),
        ("./shape", None, "Shape", "js/shape.js"),
    ],
    "go/a/one.go": [("m/b", None, "b", "go/b/other.go")],
    "java/Car.java": [("x.cars.Base", None, "Base", "java/Base.java")],
    "c/main.c": [("lib.h", None, None, "c/lib.h")],
}
# file → inheriting type, base as written, via, target, import
BASES: dict[str, list[tuple[str, str, str, Text, int | None]]] = {
    "py/app.py": [
        ("K", "pkg.Base", "import", "Base", 1),
        ("Both", "Left", "import", None, 4),
        ("Both", "Right", "import", None, 5),
        ("L", "Top", "local", "Top", None),
        ("R", "Top", "local", "Top", None),
        ("Diamond", "L", "local", "L", None),
        ("Diamond", "R", "local", "R", None),
        ("Top", "Diamond", "local", "Diamond", None),  # a cycle, which no program has
    ],
    "java/Car.java": [("Car", "Base", "import", None, 0)],
    "rb/car.rb": [
        ("Car", "Noisy", "local", "Noisy", None),
        ("Loud", "Noisy", "local", "Noisy", None),
    ],
}
Case = tuple[str, str, str, str, Text, int | None, Text, Text]
# what it shows, file, callee, via, target, import, the definition, how it is found
CASES: list[Case] = [
    ("its own file", "py/app.py", "main", "local", "main", None, "py/app.py main", "local"),
    ("its own name, defined twice", "py/app.py", "twice", "local", "twice", None,
     "py/app.py twice", "local"),
    ("its own class", "py/app.py", "self.own", "self", "K.own", None, "py/app.py K.own", "self"),
    ("a base elsewhere, re-exported", "py/app.py", "self.go", "self", "K.go", None,
     "py/pkg/impl.py Base.go", "inherited"),
    ("the first base that has it", "py/app.py", "b.both", "type", "Both.both", None,
     "py/pkg/impl.py Left.both", "inherited"),
    ("the second base", "py/app.py", "b.right", "type", "Both.right", None,
     "py/pkg/impl.py Right.right", "inherited"),
    ("no base has it", "py/app.py", "b.nowhere", "type", "Both.nowhere", None, None, None),
    ("an import", "py/app.py", "impl.run", "import", "run", 3, "py/pkg/impl.py run", "import"),
    ("a member of an imported class", "py/app.py", "x.both", "type", "both", 4,
     "py/pkg/impl.py Left.both", "type"),
    ("an import of an import", "py/app.py", "run", "import", None, 0,
     "py/pkg/impl.py run", "reexport"),
    ("a dotted module", "py/app.py", "pkg.impl.run", "import", "impl.run", 2,
     "py/pkg/impl.py run", "import"),
    ("a module beside", "py/app.py", "pkg.impl.run", "import", "impl.run", 1,
     "py/pkg/impl.py run", "reexport"),
    ("a package beside", "py/app.py", "pkg.sub.deep.dive", "import", "sub.deep.dive", 1,
     "py/pkg/sub/deep.py dive", "reexport"),
    ("another name of a dotted module", "py/app.py", "pkg.run", "import", "run", 2, None, None),
    ("a star in the file that is imported", "py/app.py", "starred", "import", None, 8,
     "py/pkg/impl.py run", "star"),
    ("a star in its own file", "py/star.py", "run", "name", None, None,
     "py/pkg/impl.py run", "star"),
    ("imports in a circle", "py/app.py", "lost", "import", None, 7, None, None),
    ("a library", "py/app.py", "path.join", "import", "join", 6, None, None),
    ("a builtin", "py/app.py", "print", "name", None, None, None, None),
    ("a name that a variable hides", "py/app.py", "main", "name", None, None, None, None),
    ("the one method of a name", "js/app.js", "it.onlyone", "name", None, None,
     "js/shape.js Shape.onlyone", "name"),
    ("one method of several", "py/app.py", "it.both", "name", None, None, None, None),
    ("a function is not the method of an object", "py/app.py", "it.dive", "name", None, None,
     None, None),
    ("another language", "py/app.py", "it.onlyone", "name", None, None, None, None),
    ("a diamond: the class below the one at the top", "py/app.py", "d.both", "type",
     "Diamond.both", None, "py/app.py R.both", "inherited"),
    ("a renamed export", "js/app.js", "surface", "import", None, 0, "js/shape.js area", "reexport"),
    ("a default", "js/app.js", "make", "import", None, 1, "js/shape.js default", "import"),
    ("a namespace", "js/app.js", "shape.area", "import", "area", 2, "js/shape.js area", "import"),
    ("a class of a module, as Java has it", "js/app.js", "Shape.draw", "import", "draw", 3,
     "js/shape.js Shape.draw", "import"),
    ("the module itself", "js/app.js", "shape", "import", None, 2, None, None),
    ("the package", "go/a/one.go", "help", "name", None, None, "go/a/two.go help", "package"),
    ("a method in another file of the package", "go/a/one.go", "t.Close", "type", "T.Close", None,
     "go/a/two.go T.Close", "package"),
    ("another package", "go/a/one.go", "b.help", "import", "help", 0, "go/b/other.go help",
     "import"),
    ("another package without an import", "go/a/one.go", "Other", "name", None, None, None, None),
    ("a member of an imported type", "java/Car.java", "Base.make", "import", "make", 0,
     "java/Base.java Base.make", "import"),
    ("a base type", "java/Car.java", "this.stop", "self", "Car.stop", None,
     "java/Base.java Base.stop", "inherited"),
    ("a type of the package", "java/Base.java", "Car.drive", "type", "Car.drive", None,
     "java/Car.java Car.drive", "package"),
    ("the one global name", "c/main.c", "only", "name", None, None, "c/lib.c only", "global"),
    ("a name of an included file", "c/main.c", "inlined", "name", None, None, "c/lib.h inlined",
     "star"),
    ("an import for its effects", "js/index.js", "start", "name", None, None, None, None),
    ("a global name of two files", "c/main.c", "shared", "name", None, None, None, None),
]  # fmt: skip


def _typed(schema: pa.Schema, rows: list[dict[str, Any]]) -> pa.Table:
    return pa.Table.from_pylist(rows, schema=schema)


def _texts(names: str) -> pa.Schema:
    numbers = {"run_seq", "import_index"}
    return pa.schema(
        [(name, pa.int64() if name in numbers else pa.string()) for name in names.split()]
    )


def _tables() -> dict[str, pa.Table]:
    """The tables that the models read, by their relation."""
    of_row = {"run_seq": 1, "run_id": "r"}
    files: list[dict[str, Any]] = []
    landed: dict[str, list[dict[str, Any]]] = {"symbols": [], "calls": [], "bases": []}
    imports: list[dict[str, Any]] = []
    for path, (language, package) in FILES.items():
        folder, _, name = f"/w/{path}".rpartition("/")
        place = {"project_id": path.split("/")[0], "file_id": path, "language": language}
        files.append(
            place
            | {"file_path": path, "path": f"/w/{path}", "directory_path": folder, "name": name}
            | {"sha256": path, "package": package, "run_seq": 1, "source_run_id": "r"}
        )
        for line, symbol in enumerate(SYMBOLS.get(path, "").split(), 1):
            parent, _, own = symbol.rstrip(":/").rpartition(".")
            kind = {":": "class", "/": "module"}.get(symbol[-1], "method" if parent else "function")
            names = {"qualified_name": symbol.rstrip(":/"), "name": own, "parent": parent or None}
            landed["symbols"].append(
                of_row | names | {"sha256": path, "symbol_index": line, "kind": kind}
                | {"start_line": 10 * line, "end_line": 10 * line + 9, "has_docs": False}
                | {"is_exported": True}
            )  # fmt: skip
        for number, (module, name_, bound, found) in enumerate(IMPORTS.get(path, [])):
            imports.append(
                place
                | {"import_index": number, "module": module, "name": name_, "bound_name": bound}
                | {"kind": "include" if module.endswith(".h") else "from"}
                | {"resolved_file_id": found, "source_run_id": "r"}
            )
        for number, (symbol, base, via, target, index) in enumerate(BASES.get(path, [])):
            landed["bases"].append(
                of_row | {"sha256": path, "base_index": number, "symbol": symbol, "base": base}
                | {"line": 1, "kind": "mixes_in" if base == "Noisy" else "extends", "via": via}
                | {"target": target, "import_index": index}
            )  # fmt: skip
    for number, (_, path, callee, via, target, index, _, _) in enumerate(CASES):
        landed["calls"].append(
            of_row | {"sha256": path, "call_index": number, "callee": callee, "via": via}
            | {"target": target, "import_index": index, "line": 25, "caller": "main"}
        )  # fmt: skip
    columns = "file_id project_id project_path file_path path directory_path name language sha256"
    return {
        "internal.int_code__files": _typed(
            _texts(f"{columns} package first_seen source_run_id run_seq"), files
        ),
        "main.projects": _typed(
            _texts("project_id project_path project_name"),
            [{"project_id": project} for project in ("py", "js", "go", "java", "c", "rb")],
        ),
        "main.code_imports": _typed(
            _texts(
                "file_id project_id language import_index kind module name bound_name scope"
                " resolved_file_id source_run_id"
            ),
            imports,
        ),
        **{
            f"landed.content_{name}": _typed(
                pa.unify_schemas([TABLES[f"content_{name}"].schema, OF_THE_RUN]), rows
            )
            for name, rows in landed.items()
        },
    }


@pytest.fixture(scope="module")
def db() -> Iterator[duckdb.DuckDBPyConnection]:
    """The models of code over `FILES`, as a refresh makes them."""
    statements = {node.unique_id.split(".")[-1]: node.statements for node in plan().nodes}
    with duckdb.connect() as db:
        page_ranks.register(db)
        db.execute("attach ':memory:' as meta; use meta")
        for schema in ("internal", "landed", "seeds"):
            db.execute(f"create schema {schema}")
        for relation, rows in _tables().items():
            db.register("rows", rows)
            db.execute(f"create table {relation} as from rows")
        seed = PROJECT / "seeds/call_confidences.csv"
        db.execute("create table seeds.call_confidences as from read_csv($1)", [str(seed)])
        for name in _MADE:
            for statement in statements[name]:
                db.execute(statement)
        yield db


@pytest.mark.parametrize("case", CASES, ids=[case[0] for case in CASES])
def test_a_call_leads_to_its_definition(db: duckdb.DuckDBPyConnection, case: Case) -> None:
    [found] = db.execute(
        "select symbols.file_path || ' ' || symbols.qualified_name, calls.resolved_via,"
        " calls.confidence_ratio > 0 from code_calls as calls"
        " left join code_symbols as symbols using (symbol_id) where calls.call_index = ?",
        [CASES.index(case)],
    ).fetchall()
    assert found == (*case[-2:], True if case[-1] else None)


def test_every_call_is_there_and_names_its_caller(db: duckdb.DuckDBPyConnection) -> None:
    found = db.execute(
        "select count(*), count(distinct call_index), count(caller_symbol_id) from code_calls"
    ).fetchall()
    with_main = sum("main" in SYMBOLS.get(case[1], "").split() for case in CASES)
    assert found == [(len(CASES), len(CASES), with_main)]


def test_a_name_that_is_defined_twice_means_the_definition_above(
    db: duckdb.DuckDBPyConnection,
) -> None:
    """The call is in line 25: after the first definition, and before the second."""
    assert db.execute(
        "select symbols.start_line from code_calls as calls"
        " inner join code_symbols as symbols using (symbol_id) where calls.callee = 'twice'"
    ).fetchall() == [(20,)]


def test_graphs_have_calls_imports_and_inheritance(db: duckdb.DuckDBPyConnection) -> None:
    edges = {
        tuple(edge)
        for edge in db.execute(
            """
            select edges.edge_type, sources.name, targets.name, edges.weight
            from graph_edges as edges
            inner join graph_nodes as sources on sources.node_id = edges.from_node_id
            inner join graph_nodes as targets on targets.node_id = edges.to_node_id
            """
        ).fetchall()
    }
    assert ("calls", "main", "run", 5.0) in edges
    assert ("imports", "app.py", "__init__.py", 3.0) in edges
    assert ("extends", "Car", "Base", 1.0) in edges
    # A name alone is not enough.
    assert not [edge for edge in edges if edge[2] == "Shape.onlyone"]
    # No function is around this call: its file calls.
    assert ("calls", "one.go", "help", 1.0) in edges
    types = db.execute(
        "select graph_type, node_count > 0, edge_count > 0, empty_reason is null from graph_types"
        " order by all"
    ).fetchall()
    assert types == [
        ("CallGraph", True, True, True),
        ("DataFlowGraph", False, False, False),
        ("ImportGraph", True, True, True),
        ("SemanticGraph", True, True, True),
    ]


@pytest.mark.parametrize("graph", ["CallGraph", "ImportGraph", "SemanticGraph"])
@pytest.mark.parametrize("project", ["py", "go", None])
def test_measures_of_nodes_are_those_of_their_graph(
    db: duckdb.DuckDBPyConnection, graph: str, project: str | None
) -> None:
    prefix = "" if project else "workspace_"
    nodes = db.execute(
        f"select node_id, {prefix}pagerank_score, {prefix}centrality_score from graph_nodes"
        " where graph_type = $1 and coalesce($2, codebase_id) = codebase_id order by 1",
        [graph, project],
    ).fetchall()
    numbers = {node: number for number, (node, _, _) in enumerate(nodes)}
    edges = [
        (numbers[source], numbers[target], weight)
        for source, target, weight in db.execute(
            "select from_node_id, to_node_id, weight from graph_edges where graph_type = ?", [graph]
        ).fetchall()
        if source in numbers and target in numbers
    ]
    if nodes:
        expected = solved(len(nodes), edges)
        assert [rank for _, rank, _ in nodes] == pytest.approx(expected, abs=1e-9)
    degrees = Counter(end for edge in edges for end in edge[:2])
    for node, _, centrality in nodes:
        expected_share = degrees[numbers[node]] / (len(nodes) - 1) if len(nodes) > 1 else 1
        assert centrality == pytest.approx(expected_share)


def test_both_nodes_of_every_edge_are_nodes_of_its_graph(db: duckdb.DuckDBPyConnection) -> None:
    edges = db.execute(
        "select count(*), count(*) filter (where edge_type = 'mixes_in') from graph_edges"
    ).fetchall()
    found = db.execute(
        """
        select count(*), count(*) filter (where edges.edge_type = 'mixes_in')
        from graph_edges as edges
        inner join graph_nodes as sources
            on sources.node_id = edges.from_node_id and sources.graph_type = edges.graph_type
        inner join graph_nodes as targets
            on targets.node_id = edges.to_node_id and targets.graph_type = edges.graph_type
        """
    ).fetchall()
    assert found == edges and edges[0][1] == 2


def test_a_symbol_is_found_by_its_name(db: duckdb.DuckDBPyConnection) -> None:
    found = db.execute(
        "select file_path, qualified_name, caller_count from v_symbol_search"
        " where name_key = 'run' order by workspace_pagerank_score desc"
    ).fetchall()
    assert found == [("py/pkg/impl.py", "run", 2)]
