"""The code of JavaScript and TypeScript: one table of constructs per kind of fact."""

from __future__ import annotations

import pytest

from loaders.sources.code.facts import Code
from loaders.sources.code.tree_code import extract


def _code(source: str, grammar: str = "javascript") -> Code:
    code = extract(source.encode(), grammar)
    assert code is not None
    return code


SYMBOLS = [
    ("function f(a, b = 1, ...c) {}", [("f", "function", ["a", "b", "c"])]),
    ("const f = async (a) => a;", [("f", "function", ["a"])]),
    ("const f = a => a;", [("f", "function", ["a"])]),
    ("const f = function g() {};", [("g", "function", [])]),
    ("run(function g() {});", [("g", "function", [])]),
    ("run(({a}) => 1);", [("(anonymous)", "function", ["{a}"])]),
    ("exports.f = function () {};", [("f", "function", [])]),
    ("A.prototype.m = function (x) {};", [("A.m", "method", ["x"])]),
    ("A.m = (x) => 1;", [("A.m", "function", ["x"])]),
    ("const o = {m() {}, n: () => 1, get p() { return 1; }};",
     [("o.m", "method", []), ("o.n", "method", []), ("o.p", "method", [])]),
    ("class A extends B { constructor(x) {} static *g() {} #p() {} f = () => {}; }",
     [("A", "class", None), ("A.constructor", "method", ["x"]), ("A.g", "method", []),
      ("A.#p", "method", []), ("A.f", "method", [])]),
    ("function f() { function g() {} return () => 1; }",
     [("f", "function", []), ("f.g", "function", []), ("f.(anonymous)", "function", [])]),
    ("(function () { function g() {} })();",
     [("(anonymous)", "function", []), ("g", "function", [])]),
]  # fmt: skip


@pytest.mark.parametrize(("source", "symbols"), SYMBOLS)
def test_symbols(source: str, symbols: list[object]) -> None:
    found = _code(source).symbols
    assert [(symbol.qualified_name, symbol.kind, symbol.parameters) for symbol in found] == symbols


MEASURES = [
    ("", 1, 0, 0),
    ("if (a) {} else if (b) {} else {}", 3, 3, 1),
    ("for (;;) { for (x of y) { while (z) {} } } do {} while (q);", 5, 7, 3),
    ("switch (a) { case 1: case 2: break; default: }", 3, 1, 1),
    ("try {} catch (e) { if (e) {} } finally {}", 3, 3, 2),
    ("return a ? b ? 1 : 2 : 3;", 3, 3, 0),
    ("if (a && b && c) {}", 4, 2, 1),
    ("if (a && (b || c) && d) {}", 5, 4, 1),
    ("return a && g(b && c);", 3, 2, 0),
    ("a ||= b ?? c; return d?.e;", 3, 0, 0),
    ("out: for (;;) { continue out; }", 2, 2, 1),
    ("return () => { if (a) {} };", 1, 2, 0),
    ("return f(f(a));", 1, 1, 0),
]


@pytest.mark.parametrize(("body", "cyclomatic", "cognitive", "nesting"), MEASURES)
def test_measures(body: str, cyclomatic: int, cognitive: int, nesting: int) -> None:
    symbol = _code(f"function f(a) {{ {body} }}").symbols[0]
    assert (symbol.cyclomatic, symbol.cognitive, symbol.nesting) == (cyclomatic, cognitive, nesting)


IMPORTS = [
    ('import a, {b as c} from "m";', [("from", "m", "b", "c"), ("from", "m", "default", "a")]),
    ('import * as n from "./m";', [("import", "./m", None, "n")]),
    ('import "m";', [("import", "m", None, None)]),
    ('export {a} from "m"; export * from "n";',
     [("reexport", "m", "a", "a"), ("reexport", "n", "*", None)]),
    ('export {default as a} from "m"; export {default} from "n";',
     [("reexport", "m", "default", "default"), ("reexport", "n", "default", "default")]),
    ('const a = require("m"), {b: c, d} = require("n"), e = require("o").e; require("p");',
     [("require", "m", None, "a"), ("require", "n", "b", "c"), ("require", "n", "d", "d"),
      ("require", "o", "e", "e"), ("require", "p", None, None)]),
    ('const a = await import("m"); import("n"); import(other);',
     [("dynamic", "m", None, "a"), ("dynamic", "n", None, None)]),
    ('other("m"); require(name);', []),
]  # fmt: skip


@pytest.mark.parametrize(("source", "imports"), IMPORTS)
def test_imports(source: str, imports: list[object]) -> None:
    found = _code(source).imports
    assert [(fact.kind, fact.module, fact.name, fact.bound_name) for fact in found] == imports


CALLS = [
    ("function f() {} f();", [(None, "f", "local", "f", None)]),
    ("f(); function g(f) { f(); }",
     [(None, "f", "name", None, None), ("g", "f", "name", None, None)]),
    ('import {a as b} from "m"; b(); b.c.d();',
     [(None, "b", "import", None, 0), (None, "b.c.d", "import", "c.d", 0)]),
    ('import a from "m"; function f(a) { a(); }', [("f", "a", "name", None, None)]),
    ("class A extends B { m() { this.n(); super.m(); } } class B {}",
     [("A.m", "this.n", "self", "A.n", None), ("A.m", "super.m", "type", "B.m", None)]),
    ("class A {} const a = new A(); a.m(); new A().n();",
     [(None, "A", "local", "A", None), (None, "a.m", "type", "A.m", None),
      (None, "A", "local", "A", None), (None, "new A().n", "type", "A.n", None)]),
    ("class A { constructor() { this.x = new B(); } m() { this.x.go(); } } class B {}",
     [("A.constructor", "B", "local", "B", None), ("A.m", "this.x.go", "type", "B.go", None)]),
    ("const f = function g() {}; f(); g();",
     [(None, "f", "local", "g", None), (None, "g", "name", None, None)]),
    ("const o = {m() {}}; o.m();", [(None, "o.m", "local", "o.m", None)]),
    ("a.b(c, 'd').e`f`; x[0]();",
     [(None, "a.b", "name", None, None), (None, "a.b().e", "name", None, None),
      (None, "x[]", "name", None, None)]),
    ("run(function () { f(); });", [(None, "run", "name", None, None),
                                    (None, "f", "name", None, None)]),
    ("const x = <A.B c={f()}><div/><C/></A.B>;",
     [(None, "A.B", "name", None, None), (None, "f", "name", None, None),
      (None, "C", "name", None, None)]),
]  # fmt: skip


@pytest.mark.parametrize(("source", "calls"), CALLS)
def test_calls(source: str, calls: list[object]) -> None:
    found = _code(source).calls
    assert [(call.caller, call.callee, *call[3:]) for call in found] == calls


TYPED = """\
import {Svc, type Other} from "./svc";
import fs = require("fs");
/** Documented. */
@Injectable({a: 1})
export class A<T> extends B.C<T> implements I {
  private x: Svc;
  constructor(private readonly svc: Svc, other?: Other) { this.svc.go(); other.stop(); this.x.y(); }
  private hidden(): void {}
  shown(): Made { return new Made(); }
  use() { const made = this.shown(); made.run(); fs.read(); }
}
export interface I { m(a: string): void; }
enum E { X }
export type T = {};
namespace N { export function f() {} }
declare function g(a: string): void;
"""


def test_types_of_typescript() -> None:
    code = _code(TYPED, "typescript")
    assert code.parse_state == "tree"
    found = [(symbol.qualified_name, symbol.kind, symbol.is_exported) for symbol in code.symbols]
    assert found == [
        ("A", "class", True), ("A.constructor", "method", True), ("A.hidden", "method", False),
        ("A.shown", "method", True), ("A.use", "method", True), ("I", "interface", True),
        ("I.m", "method", True), ("E", "enum", False), ("T", "type", True), ("N", "module", False),
        ("N.f", "function", True), ("g", "function", False),
    ]  # fmt: skip
    assert code.symbols[0].has_docs and not code.symbols[1].has_docs
    assert code.symbols[6].cyclomatic is None
    assert [(call.callee, *call[3:]) for call in code.calls] == [
        ("Injectable", "name", None, None), ("this.svc.go", "type", "go", 0),
        ("other.stop", "type", "stop", 1), ("this.x.y", "type", "y", 0),
        ("Made", "name", None, None), ("this.shown", "self", "A.shown", None),
        ("made.run", "type", "Made.run", None), ("fs.read", "import", "read", 2),
    ]  # fmt: skip
    assert [(base.symbol, base.kind, base.base) for base in code.bases] == [
        ("A", "extends", "B.C"), ("A", "implements", "I"),
    ]  # fmt: skip
    assert [fact.is_type_only for fact in code.imports] == [False, True, False]


def test_a_variable_of_a_type_that_is_a_function_is_called() -> None:
    code = _code("function g() { f(); } const f: F = () => 1; f();", "typescript")
    assert [call.target for call in code.calls] == ["f", "f"]


def test_lines() -> None:
    code = _code("// a\n\nf(); // b\n/* c\n\n d */ g();\n  /* e */ // f\nx = `\n\n`;")
    assert code[1:6] == (10, 4, 3, 3, 0)


def test_documentation() -> None:
    sources = ["/** a */\nfunction f() {}", "/** a */\nexport const f = () => 1;",
               "// a\nfunction f() {}", "/** a */\nx;\nfunction f() {}"]  # fmt: skip
    assert [_code(source).symbols[0].has_docs for source in sources] == [True, True, False, False]


def test_exports() -> None:
    source = (
        "function a() {} function b() {} function c() {} module.exports = {a}; export {b as x};"
    )
    assert [symbol.is_exported for symbol in _code(source).symbols] == [True, True, False]


def test_what_does_not_parse_is_left_out() -> None:
    code = _code("function a() { if (x) {} }\nfunction b( { ) ]]\nfunction c() { a(); }\n")
    assert code.parse_state == "partial"
    assert {symbol.name for symbol in code.symbols} >= {"a", "c"}
    assert code.error_lines == 1
    assert _code("]]] ))) %%%\n" * 30).parse_state == "lines"
