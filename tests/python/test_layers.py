"""No package of loaders and enrich imports one above it, without cycles; modules are short."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator, Mapping
from importlib import import_module
from pathlib import Path

import pytest

from loaders.base.paths import PROJECT_ROOT

# Lowest first. A package may import those before it; so may its modules import each other.
LAYERS = (
    "loaders.base",
    "loaders.configuration",
    "loaders.safe_git",
    "loaders.zone",
    "loaders.sources",
    "loaders.publishing",
    "loaders.keeping",
    "loaders",  # land.py
    "enrich",
    "enrich.answers",
    "enrich.commands",
    "enrich.cli",
    "enrich.__main__",
)
SOURCES_PACKAGE = "loaders.sources"
COMMAND_GROUPS = "enrich.commands"
MOST_LINES = 400
# Every source has modules of these names; a command line has one main module and one entry point.
# The runs of scripts have the module name of their published interface, and a landing has runs too.
SHARED_NAMES = {"__init__", "__main__", "extract", "land", "read", "runs", "source", "tables"}

Imports = Mapping[str, set[str]]  # module → the modules that it imports
Declared = Mapping[str, set[str]]  # module → the landed tables that it declares


def modules_in(root: Path, *packages: str) -> dict[str, Path]:
    """Dotted name → file of every module; a package counts under its own name."""
    found = {}
    for package in packages:
        for path in sorted((root / package).rglob("*.py")):
            name = ".".join(path.relative_to(root).with_suffix("").parts)
            found[name.removesuffix(".__init__")] = path
    return found


def imports_of(modules: Mapping[str, Path]) -> dict[str, set[str]]:
    """Read every import statement, also in functions and below TYPE_CHECKING."""
    return {
        name: {target for target in _targets(name, path, modules) if target != name}
        for name, path in modules.items()
    }


def _targets(name: str, path: Path, modules: Mapping[str, Path]) -> Iterator[str]:
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in modules)
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) - node.level + 1]
            source = ".".join([*(above if node.level else []), *filter(None, [node.module])])
            for alias in node.names:
                member = f"{source}.{alias.name}"
                if member in modules:
                    yield member
                elif source in modules:
                    yield source


def layer_of(module: str) -> int:
    """The layer with the longest name that *module* is in."""
    found = [layer for layer in LAYERS if f"{module}.".startswith(f"{layer}.")]
    return LAYERS.index(max(found, key=len))


def package_of(module: str, modules: Mapping[str, Path]) -> str:
    return module if modules[module].name == "__init__.py" else module.rpartition(".")[0]


def upward(imports: Imports) -> list[str]:
    return sorted(
        f"{name} imports {target}"
        for name, targets in imports.items()
        for target in targets
        if layer_of(target) > layer_of(name)
    )


def between_groups(imports: Imports) -> list[str]:
    """Imports of one group of commands by another."""
    within = {name: name.split(".")[2] for name in imports if name.startswith(f"{COMMAND_GROUPS}.")}
    return sorted(
        f"{name} imports {target}"
        for name, group in within.items()
        for target in imports[name]
        if within.get(target, group) != group
    )


def between_packages(imports: Imports, modules: Mapping[str, Path]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for name, targets in imports.items():
        here = package_of(name, modules)
        found[here] |= {package_of(target, modules) for target in targets} - {here}
    return found


def cycles(imports: Imports) -> list[str]:
    """The groups of names that reach each other, each as one line."""
    reached = {name: _reachable(name, imports) for name in imports}
    groups = {
        frozenset({name, *(other for other in reached[name] if name in reached.get(other, ()))})
        for name in imports
        if name in reached[name]
    }
    return sorted(" <-> ".join(sorted(group)) for group in groups)


def _reachable(name: str, imports: Imports) -> set[str]:
    found: set[str] = set()
    waiting = [name]
    while waiting:
        for target in imports.get(waiting.pop(), ()):
            if target not in found:
                found.add(target)
                waiting.append(target)
    return found


def duplicated_names(modules: Mapping[str, Path]) -> list[str]:
    by_name = defaultdict(list)
    for module, path in modules.items():
        if path.stem not in SHARED_NAMES:
            by_name[path.stem].append(module)
    return sorted(" = ".join(same) for same in by_name.values() if len(same) > 1)


def undeclared(imports: Imports, modules: Mapping[str, Path], declared: Declared) -> list[str]:
    """Modules of a source that name a landed table of another source without importing it.

    A table is known only after its declaration was imported, so they would work only in a program
    that happens to import both sources.
    """
    return sorted(
        f"{name} names {table}"
        for name, path in modules.items()
        for module, tables in declared.items()
        if package_of(name, modules) != package_of(module, modules)
        and module not in _reachable(name, imports)
        for table in tables & _texts_of(path)
    )


def _texts_of(path: Path) -> set[str]:
    nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    return {
        node.value
        for node in nodes
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


MODULES = modules_in(PROJECT_ROOT, "loaders", "enrich")
IMPORTS = imports_of(MODULES)
DECLARED = {
    f"{SOURCES_PACKAGE}.{path.parent.name}.tables": set(
        import_module(f"{SOURCES_PACKAGE}.{path.parent.name}.tables").TABLES
    )
    for path in sorted((PROJECT_ROOT / "loaders/sources").glob("*/tables.py"))
}


def test_no_import_goes_up() -> None:
    assert upward(IMPORTS) == []


def test_no_group_of_commands_imports_another() -> None:
    assert between_groups(IMPORTS) == []


def test_no_packages_import_each_other() -> None:
    assert cycles(between_packages(IMPORTS, MODULES)) == []


def test_no_modules_import_each_other() -> None:
    assert cycles(IMPORTS) == []


def test_module_names_are_unique() -> None:
    assert duplicated_names(MODULES) == []


def test_modules_are_short() -> None:
    lengths = {name: path.read_text(encoding="utf-8").count("\n") for name, path in MODULES.items()}
    assert {name: lines for name, lines in lengths.items() if lines > MOST_LINES} == {}


def test_a_source_imports_the_declaration_of_a_foreign_table() -> None:
    sources = {name: path for name, path in MODULES.items() if name.startswith(SOURCES_PACKAGE)}
    assert undeclared(IMPORTS, sources, DECLARED) == []


@pytest.fixture
def planted(tmp_path: Path) -> dict[str, Path]:
    """A small tree with one fault of each kind."""
    files = {
        "loaders/base/low.py": (
            "from typing import TYPE_CHECKING\n"
            "if TYPE_CHECKING:\n    from loaders.zone.high import High\n"
        ),
        "loaders/zone/high.py": "def late():\n    from . import peer\n",
        "loaders/zone/peer.py": "import loaders.zone.high\n",
        "loaders/keeping/peer.py": "",
        "loaders/sources/trees/tables.py": "TABLES = {}\n",
        "loaders/sources/trees/land.py": "TABLE = 'trees'\n",
        "loaders/sources/leaves/land.py": "TABLE = 'trees'\n",
    }
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        (path.parent / "__init__.py").touch()
        path.write_text(text)
    return modules_in(tmp_path, "loaders")


def test_a_planted_fault_of_each_kind_is_named(planted: dict[str, Path]) -> None:
    imports = imports_of(planted)
    assert upward(imports) == ["loaders.base.low imports loaders.zone.high"]
    assert cycles(imports) == ["loaders.zone.high <-> loaders.zone.peer"]
    assert duplicated_names(planted) == ["loaders.keeping.peer = loaders.zone.peer"]
    commands = {"enrich.commands.a.x": {"enrich.commands.b.y"}, "enrich.commands.b.y": set()}
    assert between_groups(commands) == ["enrich.commands.a.x imports enrich.commands.b.y"]
    back = {**imports, "loaders.zone.peer": {"loaders.base.low"}}
    assert cycles(between_packages(back, planted)) == ["loaders.base <-> loaders.zone"]
    tables = {"loaders.sources.trees.tables": {"trees"}}
    assert undeclared(imports, planted, tables) == ["loaders.sources.leaves.land names trees"]
