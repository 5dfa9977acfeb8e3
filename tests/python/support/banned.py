"""Find banned phrasings in everything that a person reads: `python tests/python/support/banned.py`.

Prints `file:line: phrase (reason; better: …)` for each hit and exits with 1 if there is one.
Arguments limit the search to files or folders. The phrasings are rows of `banned.csv`.
"""

from __future__ import annotations

import ast
import bisect
import csv
import io
import re
import subprocess
import sys
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[3]
PHRASES = Path(__file__).with_name("banned.csv")

# Columns of seeds that contain sentences.
SEED_TEXTS = {"title", "rationale", "remedy", "note", "meaning", "reason"}

# A passage is a text that is read in one go: its lines, each with its number in the file.
Passage = list[tuple[int, str]]


@dataclass(frozen=True)
class Phrase:
    """A banned phrasing: a regular expression over a passage with its lines joined by spaces."""

    pattern: re.Pattern[str]
    reason: str
    better: str
    example: str


@dataclass(frozen=True)
class Hit:
    path: str
    line: int
    words: str
    phrase: Phrase

    def __str__(self) -> str:
        reason, better = self.phrase.reason, self.phrase.better
        return f"{self.path}:{self.line}: {self.words!r} ({reason}; better: {better})"


def read_phrases(file: Path = PHRASES) -> list[Phrase]:
    """Return the rows of *file*. Patterns are case-sensitive unless they begin with `(?i)`."""
    with open(file, newline="", encoding="utf-8") as rows:
        return [
            Phrase(
                re.compile(row["pattern"]),
                row["reason"],
                row["better"],
                row["example"],
            )
            for row in csv.DictReader(rows)
        ]


def find(passage: Passage, phrases: list[Phrase]) -> Iterator[tuple[int, str, Phrase]]:
    """Yield line, words and phrase of each hit in a passage."""
    text, starts = "", []
    for _, line in passage:
        starts.append(len(text))
        text += " ".join(line.split()) + " "
    text = text.rstrip()
    for phrase in phrases:
        for match in phrase.pattern.finditer(text):
            number, _ = passage[bisect.bisect_right(starts, match.start()) - 1]
            yield number, match[0].strip(), phrase


# -- passages of a file ----------------------------------------------------------------------------


def passages_of(path: Path) -> list[Passage]:
    """Return the passages of a file by the kind of its name; none for kinds that nobody reads."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".csv":
        return _of_seed(text) if path.parent.name == "seeds" else []
    if path.suffix == ".py" and path.is_relative_to(PROJECT / "tests"):
        # Texts of tests are data; their comments and docstrings are read.
        return _comments_of_python(text) + _docstrings_of_python(text)
    readers = {
        ".md": _of_markdown,
        ".py": _of_python,
        ".sql": _of_sql,
        ".yml": _of_yaml,
    }
    reader = readers.get(path.suffix, _of_comments if path.name == "Makefile" else None)
    return reader(text) if reader else []


def _of_markdown(text: str) -> list[Passage]:
    """Return the paragraphs; a heading, a row of a table and an item are one each."""
    passages: list[Passage] = []
    is_code, is_open = False, False
    for number, line in enumerate(text.splitlines(), 1):
        stripped = line.strip()
        if stripped.startswith("```"):
            is_code = not is_code
        if is_code or stripped.startswith(("```", "{%", "#")) or not stripped:
            is_open = False
            continue
        if stripped.startswith("|"):
            passages += [[(number, _plain(cell))] for cell in stripped.split("|")]
            is_open = False
            continue
        if not is_open or re.match(r"[-*] |\d+\. ", stripped):
            passages.append([])
            is_open = True
        passages[-1].append((number, _plain(re.sub(r"^([-*]|\d+\.) ", "", stripped))))
    return passages


def _of_yaml(text: str) -> list[Passage]:
    """Return the runs of lines that are values or comments, without their keys."""
    passages: list[Passage] = []
    for number, line in enumerate(text.splitlines(), 1):
        key = re.match(r"\s*(?:- )?[\w.+-]+:(?: [>|]-?)?(?:\s|$)|\s*- ", line)
        if line.lstrip().startswith("- {"):  # a row of data
            continue
        if key or not line.strip() or not passages:
            passages.append([])
        value = line[key.end() :] if key else line
        passages[-1].append((number, _plain(value.strip().lstrip("# ").strip("\"'"))))
    return passages


def _of_seed(text: str) -> list[Passage]:
    rows = csv.DictReader(io.StringIO(text))
    names = SEED_TEXTS & set(rows.fieldnames or [])
    return [[(rows.line_num, row[name] or "")] for row in rows for name in sorted(names)]


def _of_comments(text: str) -> list[Passage]:
    """Return the runs of lines that begin with `#`, and the help behind `##`."""
    passages: list[Passage] = []
    before = -1
    for number, line in enumerate(text.splitlines(), 1):
        comment = re.search(r"(?:^|\s)#+ (.*)", line)
        if comment:
            if before != number - 1:
                passages.append([])
            passages[-1].append((number, _plain(comment[1])))
            before = number
    return passages


def _of_sql(text: str) -> list[Passage]:
    """Return the runs of comment lines, the Jinja comments, and literals that contain a space."""
    passages: list[Passage] = []
    before = -1
    for number, line in enumerate(text.splitlines(), 1):
        comment = re.search(r"(?:^|\s)--+ (.*)", line)
        if comment:
            if before != number - 1:
                passages.append([])
            passages[-1].append((number, _plain(comment[1])))
            before = number
        code = line[: comment.start()] if comment else line
        literals = re.findall(r"'((?:[^']|'')*)'", code)
        passages += [[(number, literal)] for literal in literals if " " in literal]
    for comment in re.finditer(r"\{#-?(.*?)-?#\}", text, re.DOTALL):
        first = text.count("\n", 0, comment.start()) + 1
        lines = comment[1].splitlines()
        passages.append([(first + index, _plain(line)) for index, line in enumerate(lines)])
    return passages


def _of_python(text: str) -> list[Passage]:
    """Return the runs of comment lines and the string literals that contain a space."""
    passages = _comments_of_python(text)
    in_formats: set[ast.AST] = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.JoinedStr):
            # One sentence: a value in it is a word.
            in_formats.update(node.values)
            whole = "".join(
                part.value if isinstance(part, ast.Constant) else "X" for part in node.values
            )
            passages.append([(node.lineno, whole.replace("\n", " "))])
        elif (
            isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and node not in in_formats
        ):
            passages += _paragraphs(node.value, node.lineno)
    return passages


def _comments_of_python(text: str) -> list[Passage]:
    passages: list[Passage] = []
    before = -1
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            if before != token.start[0] - 1:
                passages.append([])
            passages[-1].append((token.start[0], _plain(token.string.lstrip("# "))))
            before = token.start[0]
    return passages


def _docstrings_of_python(text: str) -> list[Passage]:
    passages: list[Passage] = []
    for node in ast.walk(ast.parse(text)):
        body = getattr(node, "body", None)
        first = body[0] if isinstance(body, list) and body else None
        if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant):
            passages += _paragraphs(str(first.value.value), first.lineno)
    return passages


def _paragraphs(text: str, first: int) -> list[Passage]:
    passages: list[Passage] = [[]]
    for index, line in enumerate(text.split("\n")):
        if not line.strip():
            passages.append([])
        passages[-1].append((first + index, _plain(line.strip())))
    return [passage for passage in passages if any(" " in line for _, line in passage)]


def _plain(text: str) -> str:
    """Return *text* without code spans, links and emphasis: names are not phrasing."""
    text = re.sub(r"`[^`]*`", "X", text)
    text = re.sub(r"\]\([^)]*\)", "]", text)
    return text.replace("*", "").replace("[", "").replace("]", "")


# -- the command -----------------------------------------------------------------------------------


def read_by_people(within: list[str] | None = None) -> list[str]:
    """Return the paths of all files that are checked, relative to the project."""
    files = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "--", *(within or ["."])],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    suffixes = (".md", ".yml", ".csv", ".sql", ".py")
    # The phrasings themselves are examples of what is banned.
    own = {PHRASES.name, "banned.py", "test_banned.py"}
    return [
        file
        for file in files
        if (file.endswith(suffixes) or file == "Makefile")
        and Path(file).name not in own
        and (PROJECT / file).is_file()
    ]


def hits_in(files: list[str], phrases: list[Phrase] | None = None) -> list[Hit]:
    """Return every hit in *files*, ordered by place."""
    phrases = read_phrases() if phrases is None else phrases
    hits = {
        (file, line, words): Hit(file, line, words, phrase)
        for file in files
        for passage in passages_of(PROJECT / file)
        for line, words, phrase in find(passage, phrases)
    }
    return [hits[place] for place in sorted(hits)]


def main() -> int:
    hits = hits_in(read_by_people(sys.argv[1:]))
    for hit in hits:
        print(hit)
    print(f"{len(hits)} banned phrasings", file=sys.stderr)
    return 1 if hits else 0


if __name__ == "__main__":
    sys.exit(main())
