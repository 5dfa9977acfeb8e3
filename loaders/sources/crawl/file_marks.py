"""The rules of `seeds/file_marks.csv`: names and marks in contents that show what a file is."""

from __future__ import annotations

import csv
import io
import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from functools import cache, cached_property

from identify import identify

from loaders.base.errors import LandingError
from loaders.base.paths import PROJECT_ROOT

SEED = PROJECT_ROOT / "seeds" / "file_marks.csv"
# Tags that are added to that of the language.
ADDED = ("generated", "notice", "test")
# The average length of so few lines shows nothing.
_FEW_LINES = 5
# A line for Vim or Emacs is among the first or last lines.
_MODE = re.compile(
    rb"\b(?:vim?|ex):[^\n]{0,200}?\b(?:ft|filetype|syntax)=([\w+]+)"
    rb"|-\*-[ \t]*(?:[Mm]ode:[ \t]*)?([\w+-]+)[ \t]*(?:;[^\n]{0,200}?)?-\*-"
)
_MODE_BYTES = 600
# Comments before the first statement, by the tags of the languages that have them. A licence, a
# guard against double inclusion or a directive may come first.
_SLASH = (
    rb"//[^\n]*+|/\*(?s:.*?)\*/|<\?php|#![^\n]*+|['\"]use strict['\"];?"
    rb"|#[ \t]*+(?:pragma|ifndef|define|line)\b[^\n]*+"
)
_FORMS = {
    "slash": _SLASH,
    "csharp": rb"//[^\n]*+|/\*(?s:.*?)\*/|#(?:pragma|nullable)\b[^\n]*+|'[^\n]*+",
    "go": _SLASH,
    "hash": rb"#[^\n]*+|---[ \t]*+\r?$|dnl\b[^\n]*+",
    "dash": rb"--\[\[(?s:.*?)\]\]|--[^\n]*+|\{-(?s:.*?)-\}|/\*(?s:.*?)\*/|#![^\n]*+",
    "semicolon": rb";[^\n]*+|#[^\n]*+|//[^\n]*+|/\*(?s:.*?)\*/",
    "percent": rb"%[^\n]*+|![^\n]*+|\(\*(?s:.*?)\*\)|\{(?s:[^}]*+)\}|#![^\n]*+",
    "quote": rb"'[^\n]*+|(?i:rem\b|::)[^\n]*+|@echo off",
    "markup": rb"<!--(?s:.*?)-->|<\?[^>]*+>|<![a-zA-Z][^>]*+>",
}
_GROUPS = {
    "slash": """javascript jsx ts tsx c c++ objective-c objective-c++ java kotlin scala groovy f#
        swift rust dart php css scss sass less stylus proto thrift solidity verilog cuda hlsl glsl
        metal system-verilog zig vala qml d actionscript haxe odin v cairo move rescript reason
        antlr pegjs wgsl processing arduino hack apex json5 jsonnet cue sbt pug squirrel swig yacc
        lex opencl objective-j ballerina bicep capnp""",
    "csharp": "c# vb csharp-script",
    "go": "go",
    "hash": """python cython pyi ruby perl shell bash zsh fish ksh tcsh csh sh dash ash bats r julia
        elixir crystal nim coffee yaml toml makefile cmake meson bazel starlark dockerfile tcl nix
        powershell terraform hcl graphql awk sed puppet m4 raku gdscript prisma jq just snakemake
        nextflow ini java-properties dotenv pkgbuild rego octave zsh-completion""",
    "dash": "sql lua luau haskell elm purescript ada vhdl applescript idris lean agda",
    "semicolon": """asm clojure clojurescript scheme common-lisp emacs-lisp racket llvm autohotkey
        nsis innosetup""",
    "percent": """tex erlang matlab prolog postscript mercury fortran pascal ocaml sml mathematica
        coq bib""",
    "quote": "vb vb6 vbscript basic batch",
    "markup": "html xhtml xml vue svelte markdown xaml xsl xsd svg pom qt-translation",
}


@cache
def groups_of(tag: str) -> tuple[str, ...]:
    """Return the ways to write comments in the language of *tag*."""
    return tuple(group for group, tags in _GROUPS.items() if tag in tags.split())


@cache
def _leading(group: str) -> re.Pattern[bytes]:
    # Atomic, so that a hostile beginning is not tried in many ways.
    return re.compile(rb"(?>\s++|" + _FORMS[group] + rb")*+", re.MULTILINE)


@dataclass
class Sight:
    """The parts of a content in which marks are looked for; `head` of a text is UTF-8."""

    head: bytes
    tail: bytes
    size_bytes: int
    line_count: int | None  # None if it is binary
    _comments: dict[str, bytes] = field(default_factory=dict)

    @cached_property
    def interpreter(self) -> str:
        """The program of the first line, without its folder; empty if there is none."""
        return interpreter_of(self.head)

    @cached_property
    def mode(self) -> str:
        """The language that a comment gives to editors; empty if there is none."""
        found = _MODE.search(self.head[:_MODE_BYTES]) or _MODE.search(self.tail)
        return next(filter(None, found.groups())).decode().lower() if found else ""

    def comments(self, group: str) -> bytes:
        """Return the comments before the first statement."""
        if group not in self._comments:
            found = _leading(group).match(self.head)
            self._comments[group] = found.group() if found else b""
        return self._comments[group]


@dataclass
class Mark:
    """One rule: what is looked for, in which place, and the tag that it gives."""

    names: str
    place: str
    mark: str
    tag: str

    @cached_property
    def _pattern(self) -> re.Pattern[bytes]:
        try:
            return re.compile(self.mark.encode(), re.MULTILINE)
        except re.error as error:
            raise LandingError(f"{SEED}: {self.mark}: {error}") from None

    @cached_property
    def _words(self) -> list[str]:
        return self.mark.split("|")

    def fits(self, sight: Sight, groups: Sequence[str] = ()) -> bool:
        """Return whether *sight* has the mark; *groups* are the ways to write comments in it."""
        if self.place == "binary":
            return sight.line_count is None and bool(self._pattern.match(sight.head))
        if sight.line_count is None:
            return False
        if self.place == "name":
            return True
        if self.place == "modeline":
            return sight.mode in self._words
        if self.place == "interpreter":
            program = sight.interpreter
            return bool(program) and (program.rstrip("0123456789.-") or program) in self._words
        if self.place == "line_length":
            return sight.size_bytes > int(self.mark) * max(sight.line_count, _FEW_LINES)
        if self.place == "start":
            return bool(self._pattern.match(sight.head.lstrip()))
        texts = {"head": [sight.head], "end": [sight.tail]}.get(self.place)
        if texts is None:
            texts = [sight.comments(group) for group in groups]
        return any(map(self._pattern.search, texts))


@dataclass
class Marks:
    """All rules, by what they are about."""

    by_name: dict[str, list[Mark]] = field(default_factory=lambda: defaultdict(list))
    by_group: dict[str, list[Mark]] = field(default_factory=lambda: defaultdict(list))

    def of_name(self, name: str) -> list[Mark]:
        """Return the rules of *name*, which is in lower case: of the whole name first, then of its
        endings, the longest first.
        """
        endings = [name[place:] for place in range(len(name)) if name[place] == "."]
        return [
            mark
            for key in (name, *endings)
            for mark in self.by_name.get(key, ())
            if "*" not in mark.names or any(fnmatchcase(name, one) for one in mark.names.split())
        ]

    def of_groups(self, groups: Sequence[str]) -> list[Mark]:
        """Return the rules of comments that are written in these ways."""
        return [mark for group in groups for mark in self.by_group.get(group, ())]


@cache
def marks() -> Marks:
    """Return the rules of the seed, in its order."""
    found = Marks()
    with open(SEED, newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            mark = Mark(row["names"], row["place"], row["mark"], row["tag"])
            for name in mark.names.split():
                if name.startswith(":"):
                    found.by_group[name[1:]].append(mark)
                else:
                    found.by_name[name if name == "*" else name.rpartition("*")[2]].append(mark)
    return found


def interpreter_of(head: bytes) -> str:
    """Return the program that the first line names, without its folder.

    The options of `env` and assignments before the program are left out.
    """
    words = identify.parse_shebang(io.BytesIO(head)) if head.startswith(b"#!") else ()
    for word in words:
        name = word.rpartition("/")[2]
        if name != "env" and not word.startswith("-") and "=" not in word:
            return name
    return ""
