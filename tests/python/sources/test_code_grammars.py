"""The code of C, C++, C#, PHP, Ruby and Bash: one table of constructs per kind of fact."""

from __future__ import annotations

import pytest

from loaders.sources.code.facts import Code
from loaders.sources.code.grammar_choice import grammar_of
from loaders.sources.code.tree_code import extract
from loaders.sources.contents.parsed import Parsed


def _code(grammar: str, source: str) -> Code:
    code = extract(source.encode(), grammar)
    assert code is not None
    return code


# Kind and qualified name, parameters, first and last line, of each symbol.
SYMBOLS = [
    ("c", "int f(void) {}\nstatic char *\ng(int a, char *b[], void (*c)(int))\n{\n}",
     ["function f() 1-1", "function g(a, b, c) 3-5"]),
    ("c", ("struct s { int a; }; enum e { A }; union u { int a; }; typedef struct { int b; } t;"
     " typedef int n; struct s f; int g(int);"),
     ["struct s 1-1", "enum e 1-1", "struct u 1-1", "struct t 1-1", "type n 1-1"]),
    ("c", "#ifdef A\nint f() {}\n#else\nint g() {}\n#endif\nint (*h(int a))(int) {}",
     ["function f() 2-2", "function g() 4-4", "function h(a) 6-6"]),
    ("c", "API_CALL int f(void) {}\nTEST_BEGIN(of_it) {\n}\nTEST_END\n\nint g() NO_RETURN {}",
     ["function f() 1-1", "function TEST_BEGIN(of_it) 2-3", "function g() 6-6"]),
    ("cpp", ("namespace a::b { template <class T> class C : D { C(); int m() { return 1; } "
     "virtual void p(int) = 0; ~C() {} operator int() {} bool operator==(C) {} }; }"),
     ["class a.b.C 1-1", "method a.b.C.m() 1-1", "method a.b.C.p() 1-1", "method a.b.C.~C() 1-1",
      "method a.b.C.int 1-1", "method a.b.C.operator==() 1-1"]),
    ("cpp", ("int a::C<T>::m(int& x, T&& y) const {}\nC::C() : b(1) {}\nauto f() -> int {}\n"
     "template <> void g<int>() {}"),
     ["method C.m(x, y) 1-1", "method C.C() 2-2", "function f() 3-3", "function g() 4-4"]),
    ("cpp", ('class API C { };\nLIB_API void C::f() {}\n\nTEST_CASE("of it", "[x]") {\n}\n'
     "struct S { C(int a) NOEXCEPT {} };"),
     ["class C 1-1", "method C.f() 2-2", "function TEST_CASE() 4-5", "struct S 6-6",
      "method S.C(a) 6-6"]),
    ("c_sharp", ("namespace A.B;\nclass C<T> : D { C(int a, params int[] b) {} ~C() {}\n"
     "public int M(string? s = null) => 1; static C operator +(C a) { return a; } }\n"
     "interface I { void N(); } record R(int A); struct S {} enum E { A } delegate void F(int a);"),
     ["class C 2-3", "method C.C(a, b) 2-2", "method C.C() 2-2", "method C.M(s) 3-3",
      "method C.+(a) 3-3", "interface I 4-4", "method I.N() 4-4", "class R 4-4", "struct S 4-4",
      "enum E 4-4", "type F 4-4"]),
    ("c_sharp", "class C {\nint M()\n#if X\n{\nreturn 1;\n}\n#else\n;\n#endif\nvoid N() {}\n}",
     ["class C 1-11", "method C.M() 2-6", "method C.N() 10-10"]),
    ("php", ("<?php\nfunction f(int $a, &$b, ...$c): int { return 1; }\nabstract class C extends D "
     "{ function m() {} abstract function n(?int $x); }\ninterface I {} trait T {} enum E {}"),
     ["function f($a, $b, $c) 2-2", "class C 3-3", "method C.m() 3-3", "method C.n($x) 3-3",
      "interface I 4-4", "trait T 4-4", "enum E 4-4"]),
    ("ruby", ("module A\n  class B::C < D\n    def m(a, b = 1, *c, k:, **o, &blk)\n    end\n"
     "    def self.s; end\n    def ==(o) = true\n  end\nend"),
     ["module A 1-8", "class A.B.C 2-7", "method A.B.C.m(a, b, c, k, o, blk) 3-4",
      "method A.B.C.s 5-5", "method A.B.C.==(o) 6-6"]),
    ("ruby", "it 'does x' do\nend\nS = Struct.new(:a) do\n  def m = 1\nend",
     ["function doesx 1-2", "class S 3-5", "method S.m 4-4"]),
    ("bash", "f() {\n  :\n}\nfunction g {\n:; }\nh() ( : )\n",
     ["function f 1-3", "function g 4-5", "function h 6-6"]),
]  # fmt: skip


@pytest.mark.parametrize(("grammar", "source", "symbols"), SYMBOLS)
def test_symbols(grammar: str, source: str, symbols: list[str]) -> None:
    found = _code(grammar, source).symbols
    assert [
        f"{one.kind} {one.qualified_name}"
        + (f"({', '.join(one.parameters)})" if one.parameters is not None else "")
        + f" {one.start_line}-{one.end_line}"
        for one in found
    ] == symbols


FUNCTIONS = {
    "c": "int f(int a) {{ {} }}",
    "cpp": "int f(int a) {{ {} }}",
    "c_sharp": "class C {{ int F(int? a) {{ {} }} }}",
    "php": "<?php function f($a) {{ {} }}",
    "ruby": "def f(a)\n{}\nend",
    "bash": "f() {{\n{}\n}}",
}
BRANCHES = "if (a) {} else if (b) {} else {}"
LOOPS = "for (;;) { while (a) { do {} while (b); } }"
# Cyclomatic and cognitive complexity, and nesting.
MEASURES = [
    *[(grammar, BRANCHES, 3, 3, 1) for grammar in ("c", "cpp", "c_sharp", "php")],
    *[(grammar, LOOPS, 4, 6, 3) for grammar in ("c", "cpp", "c_sharp", "php")],
    *[(grammar, "if (a && b && c || d) {}", 5, 3, 1) for grammar in ("c", "cpp", "c_sharp", "php")],
    *[(grammar, "return a ? b : c;", 2, 1, 0) for grammar in ("c", "cpp", "c_sharp", "php")],
    *[(grammar, "switch (a) { case 1: case 2: break; default: break; }", 3, 1, 1)
      for grammar in ("c", "cpp")],
    ("c_sharp", "switch (a) { case 1: case 2: break; default: break; }", 3, 1, 1),
    ("php", "switch ($a) { case 1: case 2: break; default: }", 3, 1, 1),
    ("c", "x: if (a) goto x;\n#ifdef A\nif (b) {}\n#elif B || C\n#endif\n", 5, 3, 1),
    ("cpp", "for (auto& b : c) {} try {} catch (E&) {} auto l = [&] { if (a) {} };", 4, 4, 1),
    ("c_sharp", "foreach (var b in c) { } try {} catch { } int? d = a ?? b?.c; e ??= 1;", 6, 2, 1),
    ("c_sharp", "int L() { if (a) {} return 1; } var r = a switch { 1 => 2, _ => 3 };", 2, 3, 1),
    ("php", "foreach ($a as $b) { continue 2; } try {} catch (E $e) {} $c = $a ?: $b;", 3, 4, 1),
    ("php", "if ($a): elseif ($b): else: endif; $c = match($a) { 1 => 2, default => 3 };", 4, 4, 1),
    ("php", "$f = function (?int $x) { if ($x) {} };", 3, 2, 1),
    ("ruby", "if a\n 1\nelsif b\n 2\nelse\n 3\nend", 3, 3, 1),
    ("ruby", "return 1 if a and b\nputs 2 unless c", 3, 3, 0),
    ("ruby", "while a do b.each { |c| c if d } end", 3, 4, 1),
    ("ruby", "case a\nwhen 1, 2 then 3\nwhen 4 then 5\nelse 6\nend", 3, 1, 0),
    ("ruby", "begin\n 1\nrescue E\n 2\nensure\n 3\nend\na ||= b ? 1 : 2", 5, 2, 1),
    ("bash", "if a && b; then c; elif d; then e; else g; fi", 4, 4, 0),
    ("bash", "for a in b; do while c; do d || e; done; done", 4, 4, 2),
    ("bash", "case $1 in a) b ;; c | d) e ;; *) g ;; esac", 3, 1, 0),
]  # fmt: skip


@pytest.mark.parametrize(("grammar", "body", "cyclomatic", "cognitive", "nesting"), MEASURES)
def test_measures(grammar: str, body: str, cyclomatic: int, cognitive: int, nesting: int) -> None:
    found = _code(grammar, FUNCTIONS[grammar].format(body)).symbols
    one = next(symbol for symbol in found if symbol.cyclomatic is not None)
    assert (one.cyclomatic, one.cognitive, one.nesting) == (cyclomatic, cognitive, nesting)


IMPORTS = [
    ("c", '#include "a/b.h"\n#include <c.h>\n#include MACRO',
     ["include a/b.h", "include_system c.h"]),
    ("cpp", '#include "a.hpp"\nnamespace { int f() {} }', ["include a.hpp"]),
    ("c_sharp", "using A.B;\nglobal using static A.C;\nusing D = A.E<int>;\nusing (a) {}",
     ["use A.B.*", "use A.C.*", "use A.E<int> as D"]),
    ("php", ("<?php\nuse A\\B;\nuse A\\C as D, \\E;\nuse A\\{F, G as H};\nuse function A\\i;"
     "require_once __DIR__ . '/x.php'; include 'y.php'; require $z;"),
     ["use A\\B as B", "use A\\C as D", "use E as E", "use A\\F as F", "use A\\G as H",
      "use A\\i as i", "require ./x.php", "include y.php", "require $z"]),
    ("ruby", ("require 'a/b'\nrequire_relative 'c'\nrequire_relative '../d'\nload 'e.rb'\n"
     "autoload :F, 'f'\nrequire name"),
     ["require a/b", "include ./c", "include ../d", "include e.rb", "require f as F"]),
    ("bash", '. ./a.sh\nsource "$D/b.sh"\nother c.sh', ["include ./a.sh", "include $D/b.sh"]),
]  # fmt: skip


@pytest.mark.parametrize(("grammar", "source", "imports"), IMPORTS)
def test_imports(grammar: str, source: str, imports: list[str]) -> None:
    assert [
        f"{one.kind} {one.module}"
        + (f".{one.name}" if one.name else "")
        + (f" as {one.bound_name}" if one.bound_name else "")
        for one in _code(grammar, source).imports
    ] == imports


# Each call: its caller, its callee, the way it was resolved, and the target.
CALLS = [
    ("c", "int g() {} int f() { g(); h(1); a->b(); }",
     ["f g local g", "f h name", "f a->b name"]),
    ("cpp", ("class C { void m() { n(); this->n(); } void n() {} };\n"
     "void f(C* c) { c->m(); C d; d.n(); C::m(); auto e = new C(); e->n(); std::g<int>(1); }"),
     ["C.m n local C.n", "C.m this->n self C.n", "f c->m type C.m", "f d.n type C.n",
      "f C::m local C.m", "f C local C", "f e->n type C.n", "f std::g name"]),
    ("c_sharp", ("using D = A.B;\nclass C : Base { Svc s; void M(Other o) { N(); this.N();"
      " base.P(); s.Go();"
     " o.Stop(); D.Run(); var c = new C(); c.N(); Math.Abs(1); } void N() {} }"),
     ["C.M N local C.N", "C.M this.N self C.N", "C.M base.P type Base.P", "C.M s.Go type Svc.Go",
      "C.M o.Stop type Other.Stop", "C.M D.Run import Run 0", "C.M C local C",
      "C.M c.N type C.N", "C.M Math.Abs type Math.Abs"]),
    ("php", ("<?php use A\\B; class C extends P { private B $b; function m(C $c) {"
      " $this->n(); self::n();"
     " parent::m(); $this->b->go(); B::s(); $c->n(); $d = new B; $d->x(); f(); } function"
      " n() {} }\n"
     "function f() {}"),
     ["C.m $this->n self C.n", "C.m self::n self C.n", "C.m parent::m type P.m",
      "C.m $this->b->go type go 0", "C.m B::s import s 0", "C.m $c->n type C.n", "C.m B import 0",
      "C.m $d->x type x 0", "C.m f local f"]),
    ("ruby", ("class C\n  def m\n    n(1)\n    self.n\n    C.new.n\n    d = D.new\n   "
      " d.go\n    C.s\n"
     "  end\n  def n(a) end\n  def self.s; end\nend"),
     ["C.m n local C.n", "C.m self.n self C.n", "C.m C local C", "C.m C.new.n name",
      "C.m D name", "C.m d.go type D.go", "C.m C.s local C.s"]),
    ("bash", "f() { g 1; }\ng() { echo; }\nx=$(f)", ["f g local g", "g echo name", "- f local f"]),
]  # fmt: skip


@pytest.mark.parametrize(("grammar", "source", "calls"), CALLS)
def test_calls(grammar: str, source: str, calls: list[str]) -> None:
    assert [
        " ".join(
            str(part)
            for part in (one.caller or "-", one.callee, one.via, one.target, one.import_index)
            if part is not None
        )
        for one in _code(grammar, source).calls
    ] == calls


BASES = [
    ("cpp", "class C : public A<int>, private n::B {};", ["C extends A", "C extends n::B"]),
    ("c_sharp", "class C : A<int>, N.B {}", ["C extends A", "C extends N.B"]),
    ("php", "<?php class C extends A implements B { use T, U; } interface I extends J {}",
     ["C extends A", "C implements B", "C mixes_in T", "C mixes_in U", "I extends J"]),
    ("ruby", "class C < A::B\n  include D\n  extend E, F\n  x.include G\nend",
     ["C extends A::B", "C mixes_in D", "C mixes_in E", "C mixes_in F"]),
]  # fmt: skip


@pytest.mark.parametrize(("grammar", "source", "bases"), BASES)
def test_base_types(grammar: str, source: str, bases: list[str]) -> None:
    found = _code(grammar, source).bases
    assert [f"{one.symbol} {one.kind} {one.base}" for one in found] == bases


# Code, comment and blank lines.
LINES = [
    ("c", "/* a\n\n b */\nint f(); // c\n\n", (1, 2, 2)),
    ("cpp", 'auto s = R"(\n// a\n)";\n// b\n', (3, 1, 0)),
    ("c_sharp", '/// a\nvar s = @"\n// b\n";\n#if X\n#endif\n', (5, 1, 0)),
    ("php", "<p>\n<?php\n# a\n// b\n#[C]\nfunction f() {} ?>\n", (4, 2, 0)),
    ("ruby", "#!/usr/bin/ruby\n# a\n=begin\nb\n=end\nx = <<~E\n  # c\nE\n", (4, 4, 0)),
    ("bash", "#!/bin/sh\n# a\n\ncat <<E\n# b\nE\n", (4, 1, 1)),
]


@pytest.mark.parametrize(("grammar", "source", "lines"), LINES)
def test_lines(grammar: str, source: str, lines: tuple[int, int, int]) -> None:
    code = _code(grammar, source)
    assert (code.code_lines, code.comment_lines, code.blank_lines) == lines


# Which functions have documentation, and which can other files name.
VISIBLE = [
    ("c", "// a\nint f() {}\n\nstatic int g() {}", [(True, True), (False, False)]),
    ("cpp", "namespace { int f() {} }\n/** a */\nint g() {}", [(False, False), (True, True)]),
    ("c_sharp", "class C { /// a\n[X]\npublic void F() {}\nvoid G() {} }",
     [(True, True), (False, False)]),
    ("php", "<?php class C { /** a */ #[X]\n function f() {} private function g() {} }",
     [(True, True), (False, False)]),
    ("ruby", "class C\n# a\ndef f; end\nprivate\ndef g; end\nend", [(True, True), (False, False)]),
    ("bash", "# a\nf() { :; }\n\ng() { :; }", [(True, True), (False, True)]),
]  # fmt: skip


@pytest.mark.parametrize(("grammar", "source", "visible"), VISIBLE)
def test_documentation_and_visibility(
    grammar: str, source: str, visible: list[tuple[bool, bool]]
) -> None:
    functions = [one for one in _code(grammar, source).symbols if one.cyclomatic is not None]
    assert [(one.has_docs, one.is_exported) for one in functions] == visible


def test_packages() -> None:
    assert _code("c_sharp", "namespace A.B { namespace C {} }").package == "A.B"
    assert _code("php", "<?php\nnamespace A\\B;").package == "A\\B"


BROKEN = [
    ("c", "int f() { return 1; }\nint g( { ]]\nint h() { f(); }\n"),
    ("cpp", "int f() { return 1; }\nint g( { ]]\nint h() { f(); }\n"),
    ("c_sharp", "class C { int f() { return 1; }\nint g = ] ;\nint h() { f(); } }\n"),
    ("php", "<?php function f() { return 1; }\n$x = [ { ]];\nfunction h() { f(); }\n"),
    ("ruby", "def f\n 1\nend\nx = [ } ]]\ndef h\n f(1)\nend\n"),
    ("bash", "f() { :; }\nx=( } ))\nh() { f; }\n"),
]


@pytest.mark.parametrize(("grammar", "source"), BROKEN)
def test_what_does_not_parse_is_left_out(grammar: str, source: str) -> None:
    code = _code(grammar, source)
    assert code.parse_state == "partial"
    assert {one.name for one in code.symbols} >= {"f", "h"}
    assert code.error_lines


CHOICES = [
    ("C", "h", "int f(int);", "c"),
    ("C", "h", "#pragma once\nnamespace a { class B; }", "cpp"),
    ("C", "c", "// template <class T>\nint class;", "c"),
    ("TypeScript", "tsx", "", "tsx"),
    ("TypeScript", "mts", "", "typescript"),
    ("Shell", "zsh", "", "bash"),
    ("Shell", "fish", "", None),
    ("Shell", "", "#!/usr/bin/env fish\n", None),
    ("COBOL", "cob", "", None),
]


@pytest.mark.parametrize(("language", "ending", "source", "grammar"), CHOICES)
def test_the_grammar_of_a_content(
    language: str, ending: str, source: str, grammar: str | None
) -> None:
    assert grammar_of(Parsed(source.encode(), language, ending)) == grammar
