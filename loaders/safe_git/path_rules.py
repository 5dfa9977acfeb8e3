"""Ask git which files it would ignore, and what .gitattributes state about them.

git sees a private work tree that contains only copies of the `.gitignore` and `.gitattributes`
files: neither the crawled folder nor any configuration is in force, and nothing that git reads can
be a pipe or a link. The paths are passed on stdin; they need not exist. Several work trees are
folders of one private tree, so that one process answers for all. `info/exclude` of a repository is
written in front of its top `.gitignore`: there it has the same base and the same precedence. Its
`info/attributes` are those of the private repository. The user's own `core.excludesFile` is not
read: a fact about a project does not depend on the person who crawls it.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from loaders.safe_git.safe_files import MISSING, SYMLINK, RepositoryError, Roots
from loaders.safe_git.sandbox import GitSandbox, Outcome

# Attributes of github-linguist: files of others, of programs, and documentation.
ATTRIBUTES = ("linguist-vendored", "linguist-generated", "linguist-documentation")
# Attributes for which the content of a file is not what git stores; line ends do not count.
FILTERS = ("filter", "working-tree-encoding", "ident")
_ATTRIBUTE_WORDS = (b"linguist-", b"filter", b"encoding", b"ident")
IGNORE, ATTRIBUTE = b".gitignore", b".gitattributes"
RULES_BYTES = 1 << 20
_MOST_RULE_FILES = 20_000
_TREE_BYTES = 64 << 20
_OUTPUT_BYTES = 1 << 30
# The kernel refuses longer paths; git names its files below a private folder.
_LONGEST_PATH = 3900
_BOM = b"\xef\xbb\xbf"
# The exit status of `check-ignore` if it ignores nothing.
_NOTHING = "git_failed: exit 1"
# A pattern with many `**/` takes git exponential time. All trees together, and then each alone,
# therefore have this much time, and more for each path.
_SECONDS_TOGETHER, _SECONDS_ALONE, _PATHS_PER_SECOND = 20.0, 5.0, 20_000
NOT_ASKED = "not_asked"


@dataclass(frozen=True)
class OwnRules:
    """The content of `info/exclude` and `info/attributes` of a repository, None if unknown."""

    exclude: bytes | None = b""
    attributes: bytes | None = b""


@dataclass(frozen=True)
class WorkTree:
    """A work tree and the names of the files in each of its folders, by absolute path."""

    path: bytes
    names: Mapping[bytes, Sequence[bytes]]
    own: OwnRules = OwnRules()
    ignores_case: bool = False

    def below(self, folder: bytes) -> bytes:
        """Return *folder* relative to the work tree: empty, or with a slash at its end."""
        inner = folder[len(self.path) :].strip(b"/")
        return inner + b"/" if inner else b""


@dataclass
class PathRules:
    """The answer about one work tree, by absolute path.

    `reason` is a short word for rules that could not be applied, None if all were. NOT_ASKED means
    that other trees took all the time.
    """

    reason: str | None = None
    ignored: set[bytes] = field(default_factory=set)
    attributes: dict[bytes, dict[str, bool]] = field(default_factory=dict)


class _Incomplete(Exception):
    """A file with rules cannot be read; the message is a short word."""


def read_path_rules(
    roots: Roots, sandbox: GitSandbox, trees: Sequence[WorkTree], timeout_s: float
) -> list[PathRules]:
    """Return the answer about each of *trees*. All processes together may run for *timeout_s*.

    A tree whose patterns take too long does not keep the others from being answered.
    """
    answers = [PathRules() for _ in trees]
    deadline = time.monotonic() + timeout_s
    try:
        with sandbox.folder() as folder:
            copies = [
                _copy_rules(roots, tree, folder / str(number), answers[number])
                for number, tree in enumerate(trees)
            ]
            for ignores_case in (False, True):
                asked = [
                    number
                    for number, tree in enumerate(trees)
                    if copies[number].has_ignores and tree.ignores_case == ignores_case
                ]
                _ask_ignored(sandbox, folder, trees, asked, answers, deadline)
            for number, tree in enumerate(trees):
                if copies[number].has_attributes:
                    _ask_attributes(sandbox, folder, number, tree, answers[number], deadline)
    except OSError as error:
        for answer in answers:
            answer.reason = answer.reason or f"system_error: {os.strerror(error.errno or 0)}"
    return answers


# -- the private work tree -------------------------------------------------------------------------


@dataclass
class _Copied:
    has_ignores: bool = False
    has_attributes: bool = False
    files: int = 0
    bytes: int = 0


def _copy_rules(roots: Roots, tree: WorkTree, target: Path, answer: PathRules) -> _Copied:
    """Copy the files with rules of *tree* to *target*; *answer* has the reason if one is left."""
    copied = _Copied(has_attributes=_has_known_attributes(tree.own.attributes or b""))
    exclude = tree.own.exclude
    if tree.own.attributes is None:
        answer.reason = "attributes_unreadable"
    if exclude is None:
        answer.reason, exclude = "exclude_unreadable", b""
    # The top comes first, even if no file is directly in it: it takes the lines of info/exclude.
    for folder, names in {tree.path: (), **tree.names}.items():
        place = Path(os.fsdecode(os.fsencode(target) + b"/" + tree.below(folder)))
        above, exclude = (exclude, b"") if folder == tree.path else (b"", exclude)
        for name in (IGNORE, ATTRIBUTE):
            try:
                text = _rules(roots, folder, name) if name in names else b""
                if name == IGNORE and above:
                    text = above.removeprefix(_BOM) + b"\n" + text.removeprefix(_BOM)
                _copy(place, name, text, copied)
            except (_Incomplete, OSError) as problem:
                answer.reason = answer.reason or _word(problem)
    return copied


def _word(problem: Exception) -> str:
    if isinstance(problem, OSError):
        return f"system_error: {os.strerror(problem.errno or 0)}"
    return str(problem)


def _rules(roots: Roots, folder: bytes, name: bytes) -> bytes:
    """Return the content of a file with rules. Raises _Incomplete.

    As for git, a link has no rules.
    """
    path = folder.rstrip(b"/") + b"/" + name
    label = name.decode().removeprefix(".")
    try:
        if roots.kind(path) in (SYMLINK, MISSING):
            return b""
        return roots.read(path, label, RULES_BYTES) or b""
    except RepositoryError as error:
        raise _Incomplete(error.reason) from None


def _copy(place: Path, name: bytes, text: bytes, copied: _Copied) -> None:
    if not text.strip():
        return
    copied.files += 1
    copied.bytes += len(text)
    if copied.files > _MOST_RULE_FILES or copied.bytes > _TREE_BYTES:
        raise _Incomplete("too_many_rules")
    place.mkdir(parents=True, exist_ok=True)
    (place / os.fsdecode(name)).write_bytes(text)
    if name == IGNORE:
        copied.has_ignores = True
    elif _has_known_attributes(text):
        copied.has_attributes = True


def _has_known_attributes(text: bytes) -> bool:
    return any(word in text for word in _ATTRIBUTE_WORDS)


# -- questions to git ------------------------------------------------------------------------------


def _ask_ignored(
    sandbox: GitSandbox,
    folder: Path,
    trees: Sequence[WorkTree],
    asked: Sequence[int],
    answers: Sequence[PathRules],
    deadline: float,
) -> None:
    """Ask about all trees in one process; if that fails, about each alone."""
    if not asked:
        return
    case = str(trees[asked[0]].ignores_case).lower()
    command = ("-c", f"core.ignorecase={case}", "check-ignore", "--no-index", "--stdin", "-z")
    paths = [path for number in asked for path in _paths(trees[number], b"%d/" % number)]
    seconds = _SECONDS_TOGETHER if len(asked) > 1 else _SECONDS_ALONE
    outcome, output = _run(sandbox, folder, command, paths, seconds, deadline)
    if outcome.problem in (None, _NOTHING):
        for path in output.split(b"\0")[:-1]:
            digits, _, inner = path.partition(b"/")
            of_tree = int(digits)
            answers[of_tree].ignored.add(trees[of_tree].path.rstrip(b"/") + b"/" + inner)
    elif len(asked) > 1:
        for number in asked:
            _ask_ignored(sandbox, folder, trees, [number], answers, deadline)
    else:
        answers[asked[0]].reason = outcome.problem


def _ask_attributes(
    sandbox: GitSandbox,
    folder: Path,
    number: int,
    tree: WorkTree,
    answer: PathRules,
    deadline: float,
) -> None:
    # The tree is the top of its own work tree: only there may .gitattributes define macros.
    case = ("-c", f"core.ignorecase={str(tree.ignores_case).lower()}")
    command = (*case, "check-attr", "-z", "--stdin", *ATTRIBUTES, *FILTERS)
    place, paths = folder / str(number), list(_paths(tree, b""))
    place.mkdir(exist_ok=True)
    own = tree.own.attributes or b""
    outcome, output = _run(sandbox, place, command, paths, _SECONDS_ALONE, deadline, own)
    if outcome.problem:
        answer.reason = answer.reason or outcome.problem
        return
    parts = output.split(b"\0")
    for path, name, value in zip(parts[0::3], parts[1::3], parts[2::3], strict=False):
        if value != b"unspecified":
            stated = answer.attributes.setdefault(tree.path.rstrip(b"/") + b"/" + path, {})
            stated[name.decode()] = value not in (b"unset", b"false")


def _run(
    sandbox: GitSandbox,
    folder: Path,
    command: tuple[str, ...],
    paths: Sequence[bytes],
    seconds: float,
    deadline: float,
    attributes: bytes = b"",
) -> tuple[Outcome, bytes]:
    output = bytearray()
    left = deadline - time.monotonic()
    if left <= 0:
        return Outcome(NOT_ASKED, b""), b""
    seconds += len(paths) / _PATHS_PER_SECOND
    with sandbox.work_tree_session(min(seconds, left), attributes) as session:
        given = b"".join(path + b"\0" for path in paths)
        outcome = session.run_in(folder, command, given, output.extend, _OUTPUT_BYTES)
    return outcome, bytes(output)


def _paths(tree: WorkTree, prefix: bytes) -> Iterator[bytes]:
    """Yield the paths of all files, relative to the private work tree.

    git cannot read or track a path that is longer than the kernel takes; it is left out.
    """
    for folder, names in tree.names.items():
        above = prefix + tree.below(folder)
        for name in names:
            if len(above) + len(name) < _LONGEST_PATH:
                yield above + name
