"""Land which files git would ignore, and what .gitattributes state about them.

A place is a repository, or the root for everything outside of all repositories: there each
`.gitignore` counts for the folder that it is in, as it would after `git init`. The rows of a place
follow from the names of its files and the content of its rules. They are computed and landed as a
whole, and only if one of these changed.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from loaders.base.paths import text_of
from loaders.safe_git.path_rules import ATTRIBUTES, FILTERS, OwnRules, PathRules, WorkTree
from loaders.safe_git.reader import RepositoryReader
from loaders.sources.crawl.file_names import FileNames
from loaders.sources.crawl.known_files import KnownRules
from loaders.sources.crawl.walk import fate_of
from loaders.zone.runs import Run

# Raised if the same names and rules give other rows.
READER_VERSION = 2
# Beginnings of reasons that last until names or rules change; for any other, git is asked again.
_LASTING = (
    "exclude_", "attributes_", "gitignore_", "gitattributes_", "too_many_rules", "timeout",
)  # fmt: skip
_COLUMNS = {name: f"is_{name.removeprefix('linguist-')}" for name in ATTRIBUTES}


def crawl_path_rules(
    run: Run,
    root: bytes,
    roots: Sequence[bytes],
    own_rules: Mapping[bytes, OwnRules],
    names: FileNames,
    seen: Mapping[bytes, str],
) -> None:
    """Land the rules for paths below *root* that changed.

    *own_rules* is work tree → rules in its git directory; *seen* is directory → its state in this
    crawl.
    """
    places = _Places({root: OwnRules(), **own_rules}, names, seen)
    stale = places.stale()
    if stale:
        trees = [places.work_tree(top) for top in stale]
        with RepositoryReader(list(roots)) as reader:
            for tree, answer in zip(trees, reader.path_rules(trees), strict=True):
                _land(run, root, tree, answer, names.known.rules.get(tree.path))
    run.table("crawl_path_rules").append_rows(
        [
            {
                **_identity(root, top),
                "kind": "top",
                "path": text_of(top),
                "state": "gone",
                "reason": fate,
            }
            for top, fate in places.gone()
        ]
    )


@dataclass
class _Places:
    """The places of one crawl, and which of them are stale."""

    own_rules: Mapping[bytes, OwnRules]  # by place
    names: FileNames
    seen: Mapping[bytes, str]

    def __post_init__(self) -> None:
        self._known = self.names.known.rules
        self._tops: dict[bytes, bytes] = {}

    def stale(self) -> list[bytes]:
        """Return the places whose rows may have changed, sorted."""
        stale = {top for top, rules in self.own_rules.items() if self._is_other(top, rules)}
        began_or_ended = (self._known.keys() ^ self.own_rules.keys()) - {b"/"}
        changed = self.names.changed | {top.rpartition(b"/")[0] for top in began_or_ended}
        if changed:
            tops = self._top_of_each()
            stale |= {tops[path] for path in changed if path in tops}
        return sorted(stale)

    def _is_other(self, top: bytes, rules: OwnRules) -> bool:
        known = self._known.get(top)
        return (
            known is None
            or not (known.state == "read" or (known.reason or "").startswith(_LASTING))
            or known.reader_version != READER_VERSION
            or known.exclude_digest != _digest_of(rules)
        )

    def _top_of_each(self) -> dict[bytes, bytes]:
        """Return directory → its place."""
        if not self._tops:
            for path in self.seen:
                # A directory is seen before those in it.
                above = self._tops.get(path.rpartition(b"/")[0] or b"/", b"")
                self._tops[path] = path if path in self.own_rules else above
        return self._tops

    def work_tree(self, top: bytes) -> WorkTree:
        # An excluded directory has no files, but may have work trees below it.
        folders = (
            path
            for path, its_top in self._top_of_each().items()
            if its_top == top and self.seen[path] != "excluded"
        )
        return WorkTree(
            top, self.names.by_directory(folders), self.own_rules[top], _ignores_case(top)
        )

    def gone(self) -> Iterator[tuple[bytes, str]]:
        """Yield the known places that ended, and their fate."""
        for top in sorted(self._known.keys() - self.own_rules.keys()):
            state = self.seen.get(top)
            fate = "gone" if state == "listed" else fate_of(top, dict(self.seen))
            if fate and state != "unreadable":
                yield top, fate


def _ignores_case(top: bytes) -> bool:
    """Return whether the file system of a repository ignores case, as `git init` finds out."""
    with suppress(OSError):
        return os.path.samestat(os.lstat(top + b"/.git"), os.lstat(top + b"/.GIT"))
    return False


def _digest_of(rules: OwnRules) -> str | None:
    if rules.exclude is None or rules.attributes is None:
        return None
    # Without attributes, as in zones that were landed when nothing read them.
    more = b"\0" + rules.attributes if rules.attributes else b""
    return hashlib.sha256(rules.exclude + more).hexdigest()


# -- rows ------------------------------------------------------------------------------------------


def _land(
    run: Run, root: bytes, tree: WorkTree, answer: PathRules, before: KnownRules | None
) -> None:
    rows = list(_rows(tree, answer))
    state = KnownRules(
        "incomplete" if answer.reason else "read",
        answer.reason,
        hashlib.sha256(repr(rows).encode()).hexdigest(),
        _digest_of(tree.own),
        READER_VERSION,
    )
    if state == before:
        return
    of_top = {**_identity(root, tree.path), "kind": "top", "path": text_of(tree.path)}
    run.table("crawl_path_rules").append_rows(
        [of_top | state._asdict(), *(_identity(root, tree.path) | row for row in rows)]
    )


def _rows(tree: WorkTree, answer: PathRules) -> Iterator[dict[str, Any]]:
    """Yield one row per folder whose files are all ignored, and per other file with a fact."""
    for folder, names in sorted(tree.names.items()):
        above = folder.rstrip(b"/") + b"/"
        ignored = {name for name in names if above + name in answer.ignored}
        is_whole = len(ignored) == len(names)
        if is_whole:
            yield {"path": text_of(folder), "kind": "folder", "is_ignored": True}
        for name in sorted(names):
            stated = answer.attributes.get(above + name)
            if stated or (name in ignored and not is_whole):
                yield {
                    "path": text_of(above) + text_of(name),
                    "kind": "file",
                    "is_ignored": name in ignored,
                    **_statements(stated or {}),
                }


def _statements(stated: Mapping[str, bool]) -> dict[str, bool]:
    """Return the columns for what .gitattributes state about one path."""
    columns = {_COLUMNS[name]: value for name, value in stated.items() if name in _COLUMNS}
    return columns | ({"is_filtered": True} if any(map(stated.get, FILTERS)) else {})


def _identity(root: bytes, top: bytes) -> dict[str, Any]:
    return {"root_path": text_of(root), "top_path": text_of(top)}
