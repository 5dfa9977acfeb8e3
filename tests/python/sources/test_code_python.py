"""The code of a few lines of Python: definitions, imports, calls, bases and measures."""

from __future__ import annotations

import json
import textwrap

import pytest
from hostile_sources import HOSTILE

from loaders.sources.code.extract import extract, extractor_version
from loaders.sources.code.facts import Code
from loaders.sources.contents.parsed import Parsed


def code_of(source: str) -> Code:
    found = extract(Parsed(textwrap.dedent(source).lstrip("\n").encode(), "Python"))
    assert found.parse_state == "tree"
    return found


# -- definitions -----------------------------------------------------------------------------------


def test_definitions_have_qualified_names_lines_and_parameters():
    found = code_of(
        """
        def top(a, /, b, *rest, c=1, **more):
            '''Docs.'''
            def inner(): pass

        class Shape:
            async def area(self): ...

            class Part:
                @property
                def name(self):
                    '''Its name.'''
        """
    )
    assert [symbol[:9] for symbol in found.symbols] == [
        ("top", "top", "function", None, 1, 3, ["a", "b", "*rest", "c", "**more"], True, True),
        ("top.inner", "inner", "function", "top", 3, 3, [], False, False),
        ("Shape", "Shape", "class", None, 5, 11, None, False, True),
        ("Shape.area", "area", "method", "Shape", 6, 6, ["self"], False, True),
        ("Shape.Part", "Part", "class", "Shape", 8, 11, None, False, True),
        ("Shape.Part.name", "name", "method", "Shape.Part", 10, 11, ["self"], True, True),
    ]


@pytest.mark.parametrize(
    ("head", "exported"),
    [
        ("", ["f", "C", "C.m", "C.__init__"]),
        ("__all__ = ['_f', 'C']", ["_f", "C", "C.m", "C.__init__"]),
        ("__all__: list = ('f',)\n__all__ += ['_f']", ["f", "_f"]),
        ("__all__ = ['f']\n__all__.extend(['_C'])", ["f", "_C", "_C.m"]),
        ("__all__ = ['f'] + other.__all__", ["f", "C", "C.m", "C.__init__"]),
    ],
)
def test_exported_is_what_all_lists_or_else_what_has_no_underscore(head, exported):
    found = code_of(
        f"{head}\ndef f(): pass\ndef _f(): pass\nclass C:\n  def m(self): pass\n"
        "  def _m(self): pass\n  def __init__(self): pass\nclass _C:\n  def m(self): pass\n"
    )
    assert [symbol.qualified_name for symbol in found.symbols if symbol.is_exported] == exported


# -- imports ---------------------------------------------------------------------------------------

IMPORTS = {
    "import a.b, c as d": [
        ("import", "a.b", 0, None, "a"),
        ("import", "c", 0, None, "d"),
    ],
    "from a.b import c as d, e": [("from", "a.b", 0, "c", "d"), ("from", "a.b", 0, "e", "e")],
    "from . import a": [("from", "", 1, "a", "a")],
    "from ...a import *": [("from", "a", 3, "*", None)],
    "import importlib\nimportlib.import_module('a.b')": [
        ("import", "importlib", 0, None, "importlib"),
        ("dynamic", "a.b", 0, None, None),
    ],
    "__import__('a')": [("dynamic", "a", 0, None, None)],
    "f(import_module('.a', 'b'))": [("dynamic", "a", 1, None, None)],
    "import_module(name); import_module('no name'); import_module()": [],
}


@pytest.mark.parametrize("source", IMPORTS)
def test_every_form_of_import(source):
    found = [(one.kind, *one[2:6]) for one in code_of(source).imports]
    assert found == [
        (kind, module, level, name, bound) for kind, module, level, name, bound in IMPORTS[source]
    ]


def test_an_import_has_its_line_its_scope_and_whether_it_is_for_types():
    found = code_of(
        """
        from typing import TYPE_CHECKING
        if TYPE_CHECKING:
            import a
        else:
            import b
        def f():
            import c
        """
    )
    assert [(one.line, one.module, one.scope, one.is_type_only) for one in found.imports] == [
        (1, "typing", None, False),
        (3, "a", None, True),
        (5, "b", None, False),
        (7, "c", "f", False),
    ]


# -- calls -----------------------------------------------------------------------------------------

# Source → the callee of its last call, and what it is resolved to.
CALLS = {
    "def f(): pass\nf()": ("f", "local", "f", None),
    "def f():\n  def g(): pass\n  g()": ("g", "local", "f.g", None),
    "def f():\n  f = 1\n  f()": ("f", "name", None, None),
    "def f(f):\n  f()": ("f", "name", None, None),
    "def f(): pass\ndef g():\n  global f\n  f()": ("f", "local", "f", None),
    "class A:\n  def f(self): pass\n  def g(self):\n    f()": ("f", "name", None, None),
    "class A: pass\nA()": ("A", "local", "A", None),
    "class A:\n  @classmethod\n  def f(cls): pass\nA.f()": ("A.f", "local", "A.f", None),
    "class A: pass\nA.f()": ("A.f", "type", "A.f", None),
    "class A:\n  def f(self): self.g()": ("self.g", "self", "A.g", None),
    "class A:\n  def f(self):\n    def g():\n      self.h()": ("self.h", "self", "A.h", None),
    "class A:\n  @staticmethod\n  def f(x): x.g()": ("x.g", "name", None, None),
    "class A:\n  def f(self): type(self).g()": ("type().g", "self", "A.g", None),
    "class A:\n  @classmethod\n  def f(cls): cls()": ("cls", "self", "A", None),
    "class A:\n  @classmethod\n  def f(cls): cls.g()": ("cls.g", "self", "A.g", None),
    "class A: pass\nclass B(A):\n  def f(self): super().f()": ("super().f", "self", "A.f", None),
    "import m\nclass B(m.A):\n  def f(self): super().f()": ("super().f", "type", "A.f", 0),
    "class A: pass\nx = A()\nx.f()": ("x.f", "type", "A.f", None),
    "class A: pass\nA().f()": ("A().f", "type", "A.f", None),
    "class A: pass\nx = A()\nx = other\nx.f()": ("x.f", "name", None, None),
    "class A: pass\nx = None\nx = A()\nx.f()": ("x.f", "type", "A.f", None),
    "class A: pass\ndef f(x: A): x.g()": ("x.g", "type", "A.g", None),
    "class A: pass\ndef f(x: 'A | None'): x.g()": ("x.g", "type", "A.g", None),
    "class A: pass\ndef f(x: Optional['A']): x.g()": ("x.g", "type", "A.g", None),
    "class A: pass\ndef f(x: type[A]): x.g()": ("x.g", "type", "A.g", None),
    "class A: pass\ndef f(x: list[A]): x.g()": ("x.g", "name", None, None),
    "class A: pass\ndef f() -> A: pass\nf().g()": ("f().g", "type", "A.g", None),
    "class A:\n  x: 'A'\n  def f(self): self.x.g()": ("self.x.g", "type", "A.g", None),
    "class A:\n  def f(self):\n    self.x = A()\n    self.x.g()": ("self.x.g", "type", "A.g", None),
    "class A:\n  @property\n  def p(self) -> 'A': pass\n  def f(self): self.p.g()": (
        "self.p.g", "type", "A.g", None,
    ),
    "class A: pass\nwith A() as x: x.f()": ("x.f", "type", "A.f", None),
    "class A(Exception): pass\ntry: pass\nexcept A as e: e.f()": ("e.f", "type", "A.f", None),
    "class A: pass\n(x := A())\nx.f()": ("x.f", "type", "A.f", None),
    "import m\nm.f()": ("m.f", "import", "f", 0),
    "import m as n\nn.a.f()": ("n.a.f", "import", "a.f", 0),
    "import m.a, m.b\nm.b.f()": ("m.b.f", "import", "f", 1),
    "from m import f as g\ng()": ("g", "import", None, 0),
    "from m import A\nx = A()\nx.f()": ("x.f", "type", "f", 0),
    "from m import a\nx = a()\nx.f()": ("x.f", "name", None, None),
    "import m\ndef f(x: m.A): x.g()": ("x.g", "type", "A.g", 0),
    "from m import *\nf()": ("f", "import", "f", 0),
    "from m import *\nprint()": ("print", "name", None, None),
    "from m import *\nfrom n import *\nf()": ("f", "name", None, None),
    "import importlib\nm = importlib.import_module('a')\nm.f()": ("m.f", "import", "f", 1),
    "try:\n  import m\nexcept ImportError:\n  m = None\nm.f()": ("m.f", "import", "f", 0),
    "[f for f in x if f()]": ("f", "name", None, None),
    "def f(): pass\nlambda: f()": ("f", "local", "f", None),
    "def f(): pass\nlambda f: f()": ("f", "name", None, None),
    "','.join(x)": ("''.join", "name", None, None),
    "x[0]().a.b()": ("x[]().a.b", "name", None, None),
    "(a or b).c()": ("(…).c", "name", None, None),
    "def f(): pass\n@f\ndef g(): pass": ("f", "local", "f", None),
    "import m\n@m.f(1)\nclass A: pass": ("m.f", "import", "f", 0),
}  # fmt: skip


@pytest.mark.parametrize("source", CALLS)
def test_a_call_is_resolved_as_far_as_its_module_goes(source):
    last = max(code_of(source).calls, key=lambda call: (call.line, len(call.callee)))
    assert last[2:] == CALLS[source]


def test_a_call_has_its_line_and_the_innermost_definition_around_it():
    found = code_of(
        """
        f()
        class A:
            x = f()
            @f
            def g(self, y=f()):
                return [f() for _ in x]
        """
    )
    assert [(call.line, call.caller) for call in found.calls] == [
        (1, None),
        (3, "A"),
        (4, "A"),
        (5, "A"),
        (6, "A.g"),
    ]


def test_a_name_that_is_made_of_itself_many_times_is_followed_once():
    body = "".join(f"    x = x.m{number}()\n" for number in range(2_000))
    found = code_of(f"def f(x):\n{body}")
    assert len(found.calls) == 2_000 and {call.via for call in found.calls} == {"name"}


def test_base_types():
    found = code_of("import m\nclass A: pass\nclass B(A, m.C[int], D, metaclass=E): pass\n")
    assert [(base.base, *base[4:]) for base in found.bases] == [
        ("A", "local", "A", None),
        ("m.C", "import", "C", 0),
        ("D", "name", None, None),
    ]


# -- measures --------------------------------------------------------------------------------------

# Body of a function → its cyclomatic complexity by radon 6, cognitive by complexipy 8, and nesting.
MEASURES = {
    "pass": (1, 0, 0),
    "if a: pass\nelif b: pass\nelse: pass": (3, 3, 1),
    "if a:\n  pass\nelse:\n  if b: pass": (3, 4, 2),
    "for a in b: pass\nelse: pass": (3, 1, 1),
    "while a and b: pass": (3, 2, 1),
    "for a in b:\n  for c in d:\n    if e: pass": (4, 6, 3),
    "try: pass\nexcept A: pass\nexcept B: pass\nelse: pass\nfinally: pass": (4, 2, 1),
    "try: pass\nexcept* A:\n  if b: pass": (2, 3, 2),
    "with a or b:\n  if c: pass": (3, 2, 2),
    "match a:\n  case 1:\n    if b: pass\n  case _: pass": (3, 3, 2),
    "assert a and b": (2, 1, 0),
    "return [a for a in b if c if d]": (4, 3, 0),
    "return a if b else (c if d else e)": (3, 3, 0),
    "return a and b or c and d": (4, 3, 0),
    "return not (a and b)": (2, 1, 0),
    "return not not (a and b)": (2, 1, 0),
    "return lambda: a and b": (2, 1, 0),
    "return g(a and b, key=c or d)": (3, 1, 0),
    "return f(1)": (1, 1, 0),
    "def g():\n  if a: pass\nh()\nreturn g": (1, 2, 0),
    "def g():\n  if a: pass\nreturn g": (1, 1, 0),
    "class A:\n  def g(self):\n    if a: pass\nh()": (1, 1, 0),
}


@pytest.mark.parametrize("body", MEASURES)
def test_measures_of_a_function(body):
    found = code_of(f"def f():\n{textwrap.indent(body, '  ')}\n").symbols[0]
    assert (found.cyclomatic, found.cognitive, found.nesting) == MEASURES[body]


def test_a_class_has_the_complexity_of_its_methods_and_a_module_of_all():
    found = code_of(
        """
        if a: pass
        class A:
            if b: pass
            def f(self):
                if c: pass
            class B:
                def g(self):
                    if d: pass
        def h():
            if e: pass
        """
    )
    assert {one.qualified_name: one.cyclomatic for one in found.symbols} == {
        "A": 4, "A.f": 2, "A.B": 3, "A.B.g": 2, "h": 2,
    }  # fmt: skip
    # By complexipy, `if b` counts in no function, and `if c`, `if d` and `if e` in one each.
    assert (found.cyclomatic, found.cognitive, found.nesting) == (6, 4, 1)


def test_operators_and_operands_are_those_of_radon():
    found = code_of("def f(a):\n  return a + b.c - 1 * a\n\nx = a < b < (c and not d)\ny += 1\n")
    assert found.halstead == (6, 13, 8, 14)


def test_lines_with_code_with_only_comments_or_documentation_and_blank():
    found = code_of(
        '''
        """Doc

        of two lines.
        """
        # note
        x = """text

        of code"""  # end

        def f(a,
              # inner
              b):  \\
            return 1; y = 2
        '''
    )
    assert found[1:6] == (13, 4, 6, 3, 0)
    assert found.symbols[0].code_lines == 3


@pytest.mark.parametrize(
    ("source", "code", "comment"),
    [
        ("#!/usr/bin/env python\nx = 1\n", 2, 0),
        ("# no first line\n#!/bin/sh\nx = 1\n", 1, 2),
        # The lines that a text joins have one line of code, as in cloc.
        ('run("""\na\nb\n""")\n', 1, 3),
        ('run(\n    """a\n    b"""\n)\n', 2, 2),
        ('run(\n    """a\n    b""", 1,\n)\n', 3, 1),
        ('x = """a\nb""" + """c\nd""" + (\n    y)\n', 2, 2),
        ("x = 'a' + \\\n    'b'\n", 2, 0),
        ('x = """a"""\n', 1, 0),
    ],
)
def test_lines_inside_texts_and_the_line_of_the_interpreter(source, code, comment):
    found = code_of(source)
    assert (found.code_lines, found.comment_lines) == (code, comment)


def test_the_maintainability_index_is_that_of_radon():
    source = (
        '"""Doc."""\n# note\ndef f(a):\n    """Long\n\n    doc."""\n'
        "    b = a[1:]  # note\n    c = {1:\n\n  2}; return (a +  # x\n 1) if a else {1: a}\n\n"
    )
    assert code_of(source).maintainability_index == pytest.approx(99.81614911947904)
    assert code_of("pass\n").maintainability_index == 100


# -- what does not parse ---------------------------------------------------------------------------

BROKEN = {
    "def f(:\n": 1,
    "<<<<<<< HEAD\nx = 1\n=======\nx = 2\n>>>>>>> other\n": 3,
    "if x\n    y()\n": 2,
    "x = (1,\n": 1,
    "{% if a %}\nimport os\n{% endif %}\n": 2,
    "print 'a', b\n": 0,
    "print >>f, a\n": 0,
    "print\nprint ('a') % b\n": 0,
    "try: pass\nexcept A, e: print e\n": 0,
    "try: pass\nexcept (A, B), e: raise A, 'b'\n": 0,
    "raise A, 'b'\nexec a\nif `a` <> 0777 + 10L: u = ur'a'\n": 0,
}


@pytest.mark.parametrize("source", BROKEN)
def test_everything_outside_an_error_is_kept(source):
    around = f"import first\ndef before():\n    return 1\n{source}\nclass After: pass\n"
    found = extract(Parsed(around.encode(), "Python"))
    lost = BROKEN[source]
    assert (found.parse_state, found.error_lines) == ("partial" if lost else "tree", lost)
    assert found.imports[0].module == "first"
    assert [one.name for one in found.symbols if one.name != "f"] == ["before", "After"]
    assert found.symbols[-1].start_line == 5 + source.count("\n")
    assert found.total_lines == 5 + source.count("\n")


def test_the_work_on_what_does_not_parse_is_bounded():
    found = extract(Parsed(b"def (:\n" * 3_000, "Python"))
    assert (found.parse_state, found.total_lines) == ("lines", 3_000)


# -- notebooks -------------------------------------------------------------------------------------


def notebook(*cells: str) -> bytes:
    rows = [cell.splitlines(keepends=True) for cell in cells]
    made = [{"cell_type": "code", "source": row, "outputs": []} for row in rows]
    made.insert(1, {"cell_type": "markdown", "source": ["# import not_code"]})
    return json.dumps({"cells": made, "metadata": {}, "nbformat": 4}, indent=1).encode()


def test_a_notebook_is_the_code_of_its_cells_with_lines_of_the_file():
    source = notebook(
        "import os\n%matplotlib inline\n", 'def é():\n    return os.sep + "x"\n', "é()"
    )
    found = extract(Parsed(source, "Python", "ipynb"))
    lines = source.decode().split("\n")
    assert (found.parse_state, found.total_lines, found.error_lines) == ("tree", 5, 0)
    assert [one.module for one in found.imports] == ["os"]
    (symbol,), (call,) = found.symbols, found.calls
    assert "import os" in lines[found.imports[0].line - 1]
    assert '"def ' in lines[symbol.start_line - 1] and "os.sep" in lines[symbol.end_line - 1]
    assert "()" in lines[call.line - 1] and (call.via, call.target) == ("local", "é")


@pytest.mark.parametrize(
    ("cell", "state", "errors"),
    [
        ("print 1\nx = 2", "partial", 2),
        ("%%bash\nls -l *", "tree", 0),
        ("%%time\nf(", "partial", 2),
        ("for a in b:\n    !ls {a}\nf?", "tree", 0),
        ("await f()", "tree", 0),
    ],
)
def test_cells_that_are_not_python_leave_the_others(cell, state, errors):
    found = extract(Parsed(notebook("import os", cell, "def g(): pass"), "Python", "ipynb"))
    assert (found.parse_state, found.error_lines) == (state, errors)
    assert [one.module for one in found.imports] == ["os"]
    assert [one.name for one in found.symbols] == ["g"]


def test_a_notebook_of_another_language_and_what_is_no_notebook():
    found = extract(Parsed(notebook("function f() { g() }"), "JavaScript", "ipynb"))
    assert [one.name for one in found.symbols] == ["f"]
    for source in (b"", b"{", b"[1, 2]", notebook()):
        assert extract(Parsed(source, "Python", "ipynb")).symbols == []


# -- limits ----------------------------------------------------------------------------------------


def test_each_language_has_a_version():
    assert extractor_version("Python") and extractor_version("") and extractor_version("Cobol")


def test_a_content_with_more_rows_than_people_write_is_counted_in_lines(monkeypatch):
    monkeypatch.setattr("loaders.sources.code.extract._MOST_ROWS", 9)
    assert len(code_of("f()\n" * 9).calls) == 9
    found = extract(Parsed(b"f()\n" * 10, "Python"))
    assert (found.parse_state, found.total_lines, found.calls) == ("lines", 10, [])


@pytest.mark.parametrize("language", ["Python", "JavaScript", "TypeScript", "Rust", "Go", None])
@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_files_give_code_and_no_error(kind, language):
    found = extract(Parsed(HOSTILE[kind], language))
    assert found.parse_state in ("tree", "partial", "lines")
    assert all(call.line > 0 and call.callee for call in found.calls)


DEEP = {
    "not": "x = " + "not " * 900 + "a",
    "lambda": "x = " + "lambda: " * 300 + "f()",
    "calls": "a" + ".b()" * 900,
    "branches": "if a: pass\n" + "elif b: pass\n" * 900,
    "choices": "x = " + "a if b else " * 300 + "c",
    "brackets": "x = " + "[" * 90 + "f()" + "]" * 90,
    "sums": "x = 1" + "+f()" * 900,
}


@pytest.mark.parametrize("kind", DEEP)
def test_deep_nesting_costs_memory_only(kind):
    assert extract(Parsed(DEEP[kind].encode(), "Python")).parse_state in ("tree", "lines")
