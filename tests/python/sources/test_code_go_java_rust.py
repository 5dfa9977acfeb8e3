"""The code of Go, Java and Rust: one table of constructs per kind of fact; and odd sources."""

from __future__ import annotations

import pytest

from loaders.sources.code.facts import Code
from loaders.sources.code.tree_code import extract


def _code(grammar: str, source: str) -> Code:
    code = extract(source.encode(), grammar)
    assert code is not None
    return code


SYMBOLS = [
    ("go", "func f(a, b int, c ...string) {}", [("f", "function", ["a", "b", "c"], False)]),
    ("go", "func (s *S[T]) M() {}", [("S.M", "method", [], True)]),
    ("go", "var F = func(a int) {}", [("F", "function", ["a"], True)]),
    ("go", "type S struct{}; type I interface{ M(a int) }; type A = B; type E int",
     [("S", "struct", None, True), ("I", "interface", None, True), ("I.M", "method", ["a"], True),
      ("A", "type", None, True), ("E", "type", None, True)]),
    ("go", "func f() { go func() {}() }",
     [("f", "function", [], False), ("f.(anonymous)", "function", [], False)]),
    ("java", "class A { A(int a) {} private void m(final B b, String... c) {} }",
     [("A", "class", None, True), ("A.A", "method", ["a"], True),
      ("A.m", "method", ["b", "c"], False)]),
    ("java", "interface I { void m(); } enum E { X { void n() {} } } record R(int a) { R {} }",
     [("I", "interface", None, True), ("I.m", "method", [], True), ("E", "enum", None, True),
      ("E.n", "method", [], True), ("R", "class", None, True), ("R.R", "method", None, True)]),
    ("java", "class A { void m() { new R() { public void run() {} }; } class B {} }",
     [("A", "class", None, True), ("A.m", "method", [], True),
      ("A.m.(anonymous)", "class", None, False), ("A.m.(anonymous).run", "method", [], False),
      ("A.B", "class", None, True)]),
    ("rust", "pub struct S; impl<T> S<T> { pub fn m(&mut self, a: u8) {} fn n() {} }",
     [("S", "struct", None, True), ("S.m", "method", ["self", "a"], True),
      ("S.n", "method", [], False)]),
    ("rust", "pub trait T { fn a(&self); } impl T for S { fn a(&self) {} } mod m { fn f() {} }",
     [("T", "trait", None, True), ("T.a", "method", ["self"], True),
      ("S.a", "method", ["self"], True), ("m", "module", None, False),
      ("m.f", "function", [], False)]),
    ("rust", "cfg! { pub fn f() { g(); } }", [("f", "function", [], True)]),
]  # fmt: skip


@pytest.mark.parametrize(("grammar", "source", "symbols"), SYMBOLS)
def test_symbols(grammar: str, source: str, symbols: list[object]) -> None:
    found = _code(grammar, source).symbols
    assert [
        (symbol.qualified_name, symbol.kind, symbol.parameters, symbol.is_exported)
        for symbol in found
    ] == symbols


BODIES = {
    "go": "package p\nfunc f() {{ {} }}",
    "java": "class A {{ void f() {{ {} }} }}",
    "rust": "fn f() {{ {} }}",
}
MEASURES = [
    ("go", "", 1, 0, 0),
    ("go", "if a && b || c {} else if d {} else {}", 5, 5, 1),
    ("go", "for { for i := range x { if i {} } }", 4, 6, 3),
    ("go", "switch a { case 1: if b {}; case 2: default: }", 4, 3, 2),
    ("go", "select { case <-c: default: }; goto L", 2, 2, 1),
    ("go", "go func() { if a {} }()", 1, 2, 0),
    ("java", "if (a) {} else if (b) x(); else y();", 3, 3, 1),
    ("java", "for (A a : b) { do {} while (c); } while (d) {}", 4, 4, 2),
    ("java", "switch (a) { case 1: case 2: break; default: }", 3, 1, 1),
    ("java", "int x = switch (a) { case 1, 2 -> 3; default -> 4; };", 2, 1, 1),
    ("java", "try {} catch (A | B e) { int x = a ? 1 : 2; }", 3, 3, 1),
    ("java", "r = () -> { if (a && b) {} };", 3, 3, 1),
    ("java", "out: while (a) { continue out; }", 2, 2, 1),
    ("rust", "if let Some(x) = a && b {} else if c {} else {}", 4, 3, 1),
    ("rust", "match a { 1 => 2, 3 if b => 4, _ => 5 }", 4, 1, 1),
    ("rust", "loop { while a {} for b in c {} }", 3, 5, 2),
    ("rust", "let Some(a) = b else { return }; c()?;", 3, 1, 1),
    ("rust", "a.map(|x| if x {}); assert!(b || c);", 3, 2, 1),
]


@pytest.mark.parametrize(("grammar", "body", "cyclomatic", "cognitive", "nesting"), MEASURES)
def test_measures(grammar: str, body: str, cyclomatic: int, cognitive: int, nesting: int) -> None:
    found = _code(grammar, BODIES[grammar].format(body)).symbols
    one = next(symbol for symbol in found if symbol.name == "f")
    assert (one.cyclomatic, one.cognitive, one.nesting) == (cyclomatic, cognitive, nesting)


IMPORTS = [
    ("go", 'import ("fmt"; x "a/b"; . "c"; _ "d"); import "e/go-f/v2"',
     [("import", "fmt", None, "fmt"), ("import", "a/b", None, "x"), ("import", "c", "*", None),
      ("import", "d", None, None), ("import", "e/go-f/v2", None, "f")]),
    ("java", "import a.b.C; import static a.B.c; import a.b.*; import static a.B.*;",
     [("import", "a.b.C", None, "C"), ("from", "a.B", "c", "c"), ("import", "a.b", "*", None),
      ("from", "a.B", "*", None)]),
    ("rust", "use a::{self, b as c, d::*, e::{f, g}}; pub use h::i; use j as _; use k;",
     [("use", "a", None, "a"), ("use", "a", "b", "c"), ("use", "a::d", "*", None),
      ("use", "a::e", "f", "f"), ("use", "a::e", "g", "g"), ("reexport", "h", "i", "i"),
      ("use", "j", None, None), ("use", "k", None, "k")]),
    ("rust", "mod a; extern crate b; extern crate c as d; mod e {}",
     [("use", "self::a", None, "a"), ("use", "b", None, "b"), ("use", "c", None, "d")]),
]  # fmt: skip


@pytest.mark.parametrize(("grammar", "source", "imports"), IMPORTS)
def test_imports(grammar: str, source: str, imports: list[object]) -> None:
    found = _code(grammar, source).imports
    assert [(fact.kind, fact.module, fact.name, fact.bound_name) for fact in found] == imports


CALLS = [
    ("go", 'package p; import "fmt"; func f() { fmt.Print(); g(); h() }; func g() {}',
     [("fmt.Print", "import", "Print", 0), ("g", "local", "g", None), ("h", "name", None, None)]),
    ("go", "package p; type S struct { t *T }; func (s *S) M(o O) { s.N(); s.t.X(); o.Y() }",
     [("s.N", "type", "S.N", None), ("s.t.X", "type", "T.X", None), ("o.Y", "type", "O.Y", None)]),
    ("go", "package p; func f() { a := &T{}; a.X(); b := New(); b.Y() }; func New() *B {}",
     [("a.X", "type", "T.X", None), ("New", "local", "New", None), ("b.Y", "type", "B.Y", None)]),
    ("java", "import a.B; class C extends D { E e; void m() { n(); e.x(); B.y(); super.m(); }}",
     [("n", "self", "C.n", None), ("e.x", "type", "E.x", None), ("B.y", "import", "y", 0),
      ("super.m", "type", "D.m", None)]),
    ("java", "class A { void m(B b) { var c = new C<D>(); c.x(); b.y(); this.m(b); m(b); } }",
     [("C", "name", None, None), ("c.x", "type", "C.x", None), ("b.y", "type", "B.y", None),
      ("this.m", "self", "A.m", None), ("m", "local", "A.m", None)]),
    ("rust", "use a::B; struct S { b: Arc<B> } impl S { fn m() { self.n(); self.b.x(); B::y() }}",
     [("self.n", "self", "S.n", None), ("self.b.x", "type", "x", 0), ("B::y", "import", "y", 0)]),
    ("rust", "fn f(a: &T) { a.x(); let b = U::new(); b.y(); Self::z(); }",
     [("a.x", "type", "T.x", None), ("U::new", "type", "U.new", None), ("b.y", "type", "U.y", None),
      ("Self::z", "name", None, None)]),
    ("rust", "fn f() { println!(g(1), x().f()); } fn g() {}",
     [("println", "name", None, None), ("g", "local", "g", None), ("x", "name", None, None)]),
]  # fmt: skip


@pytest.mark.parametrize(("grammar", "source", "calls"), CALLS)
def test_calls(grammar: str, source: str, calls: list[object]) -> None:
    found = _code(grammar, source).calls
    assert [(call.callee, *call[3:]) for call in found] == calls


BASES = [
    ("go", "type S struct { B; *p.C; d D }; type I interface { J }",
     [("S", "embeds", "B"), ("S", "embeds", "p.C"), ("I", "embeds", "J")]),
    ("java", "class A<T> extends p.B<T> implements I, J<T> {} interface K extends L {}",
     [("A", "extends", "p.B"), ("A", "implements", "I"), ("A", "implements", "J"),
      ("K", "extends", "L")]),
    ("rust", "trait A: B + C<D> {} impl fmt::E for F<G> {}",
     [("A", "extends", "B"), ("A", "extends", "C"), ("F", "implements", "fmt::E")]),
]  # fmt: skip


@pytest.mark.parametrize(("grammar", "source", "bases"), BASES)
def test_bases(grammar: str, source: str, bases: list[object]) -> None:
    found = _code(grammar, source).bases
    assert [(base.symbol, base.kind, base.base) for base in found] == bases


def test_packages_and_documentation() -> None:
    go = _code("go", "package p\n// Doc\nfunc f() {}\n\n// not\n\nfunc g() {}")
    java = _code("java", "package a.b;\n/** Doc. */\n@X(1) class A { /* not */ void m() {} }")
    rust = _code("rust", "/// Doc\n#[derive(X)]\nstruct S;\n// not\nfn f() {}")
    assert [go.package, java.package] == ["p", "a.b"]
    assert [[symbol.has_docs for symbol in code.symbols] for code in (go, java, rust)] == [
        [True, False]
    ] * 3


def test_too_large_an_error_is_not_asked() -> None:
    assert extract(b"f(" + b"(\n" * 6_000, "javascript") is None


def test_more_operators_than_a_query_follows_are_left_out() -> None:
    code = _code("javascript", "function f() { return 1 }\nx = a" + " && a" * 900)
    assert [symbol.name for symbol in code.symbols] == ["f"]


def test_texts_in_other_encodings_are_read() -> None:
    code = extract("const é = require('b'); é.f();".encode("latin-1"), "javascript")
    assert code is not None and code.parse_state == "tree"
    assert [fact.module for fact in code.imports] == ["b"]
    assert [call.via for call in code.calls] == ["import"]
