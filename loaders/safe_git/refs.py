"""HEAD and refs, read from the files backend (gitrepository-layout(5))."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from loaders.safe_git.config import RepositoryConfig
from loaders.safe_git.preflight import OID, Located
from loaders.safe_git.safe_files import DIRECTORY, FILE, RepositoryError, Roots

_REF_BYTES = 4 * 1024
_PACKED_REFS_BYTES = 64 * 1024 * 1024
_MAX_SYMREFS = 5
_MAX_REFS = 1_000_000
_MAX_REF_DEPTH = 64
_BRANCHES = b"refs/heads/"
_REMOTES = b"refs/remotes/"
# Names by which hosts and tools call a default branch. If several of one tuple exist, none decides.
_USUAL_NAMES = ((b"main", b"master"), (b"trunk",))

# git-check-ref-format(1): not allowed in a name that is used as a path.
_BAD_NAME = re.compile(rb"[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{|//|/\.|/$|\.$|\.lock(?:/|$)")


@dataclass(frozen=True, slots=True)
class Ref:
    """One ref and its object; `target` is the ref that a symbolic ref names."""

    name: bytes
    oid: str
    target: bytes | None = None


class Refs:
    """Refs of one repository. Methods raise RepositoryError for files that are not plain."""

    def __init__(self, roots: Roots, located: Located) -> None:
        self._roots = roots
        self._located = located

    def head(self, git_dir: bytes | None = None) -> tuple[bytes | None, str | None]:
        """Return the ref name (None if detached) and the commit (None if there is none yet).

        HEAD is read in *git_dir*, by default that of this work tree.
        """
        path = (git_dir or self._located.git_dir) + b"/HEAD"
        text = self._roots.read(path, "head", _REF_BYTES)
        if text is None:
            raise RepositoryError("broken", "head_missing")
        target = _symbolic(text)
        if target is None:
            if not OID.fullmatch(text.strip()):
                raise RepositoryError("broken", "head_invalid")
            return None, text.strip().decode()
        return self._resolve(target)

    def default_branch(self, config: RepositoryConfig) -> bytes | None:
        """Return the default branch by the best evidence; None if there is none.

        The branch that is checked out does not count. The HEAD of a bare repository does, because
        no checkout moves it.
        """
        if config.is_bare or self._located.kind == "bare":
            name, commit = self.head(self._located.common_dir)
            if name and commit and name.startswith(_BRANCHES):
                return name[len(_BRANCHES) :]
        of_remote = _REMOTES + config.remote + b"/"
        target = _symbolic(self._read(of_remote + b"HEAD") or b"")
        if target and target.startswith(of_remote) and self._resolve(target)[1]:
            return target[len(of_remote) :]
        names = [ref.name for ref in self.all()]
        remote = _below(of_remote, names) - {b"HEAD"}
        if remote:
            return _most_sensible(remote, config.tracked, config.fetches_all)
        local = _below(_BRANCHES, names)
        if local:
            return _most_sensible(local, frozenset(), True)
        head_ref = self.head()[0]  # it is not born yet, or detached
        is_unborn = head_ref and head_ref.startswith(_BRANCHES) and not self.head()[1]
        return head_ref[len(_BRANCHES) :] if head_ref and is_unborn else None

    def all(self) -> list[Ref]:
        """Return every ref that git would list, sorted by name, without broken and dangling ones.

        Raises RepositoryError if there are more than _MAX_REFS.
        """
        found = {name: Ref(name, oid) for name, oid in self._all_packed()}
        for name in self._loose_names():
            try:
                text = self._read(name)
                target = _symbolic(text or b"")
                _, oid = self._follow(name, text)
            except RepositoryError:
                found.pop(name, None)
                continue
            if oid:
                found[name] = Ref(name, oid, target)
            if len(found) > _MAX_REFS:
                raise RepositoryError("truncated", "refs_too_many")
        return [found[name] for name in sorted(found)]

    def _loose_names(self) -> Iterator[bytes]:
        """Yield the names of the files below refs/ that may be refs."""
        folders = [(b"refs", 0)]
        while folders:
            name, depth = folders.pop()
            try:
                entries = list(self._roots.entries(self._located.common_dir + b"/" + name))
            except OSError:
                continue
            for entry, kind in entries:
                inner = name + b"/" + entry
                if kind == DIRECTORY and depth < _MAX_REF_DEPTH:
                    folders.append((inner, depth + 1))
                elif kind == FILE and not _BAD_NAME.search(inner) and b"/." not in inner:
                    yield inner

    def _all_packed(self) -> Iterator[tuple[bytes, str]]:
        for line in self._packed_refs.split(b"\n"):
            oid, _, name = line.partition(b" ")
            if name.startswith(b"refs/") and OID.fullmatch(oid) and not _BAD_NAME.search(name):
                yield name, oid.decode()

    def _resolve(self, name: bytes) -> tuple[bytes, str | None]:
        """Follow symbolic refs from `name`; return the last name and its object, if any."""
        return self._follow(name, self._read(name))

    def _follow(self, name: bytes, text: bytes | None) -> tuple[bytes, str | None]:
        """Return what `_resolve` does; *text* is the content of the file of `name`."""
        for _ in range(_MAX_SYMREFS):
            if text is None:
                return name, self._packed(name)
            target = _symbolic(text)
            if target is None:
                oid = text.strip()
                if not OID.fullmatch(oid):
                    raise RepositoryError("broken", f"ref_invalid: {printable(name)}")
                return name, oid.decode()
            name, text = target, self._read(target)
        raise RepositoryError("broken", "symrefs_too_deep")

    def _read(self, name: bytes) -> bytes | None:
        path = self._located.common_dir + b"/" + name
        try:
            return self._roots.read(path, "ref", _REF_BYTES)
        except RepositoryError as error:
            if error.reason == "ref_is_directory":  # refs/heads/a while refs/heads/a/b exists
                return None
            raise RepositoryError(error.state, f"{error.reason}: {printable(name)}") from error

    def _packed(self, name: bytes) -> str | None:
        end = self._packed_refs.find(b" " + name + b"\n")
        if end < 0:
            return None
        oid = self._packed_refs[self._packed_refs.rfind(b"\n", 0, end) + 1 : end]
        if not OID.fullmatch(oid):  # None would wrongly mean a branch without commits
            raise RepositoryError("broken", f"packed_refs_invalid: {printable(name)}")
        return oid.decode()

    @cached_property
    def _packed_refs(self) -> bytes:
        path = self._located.common_dir + b"/packed-refs"
        return self._roots.read(path, "packed_refs", _PACKED_REFS_BYTES) or b""


def printable(name: bytes) -> str:
    """Return text for a name in bytes; non-UTF-8 and unprintable characters are escaped."""
    text = name.decode("utf-8", "backslashreplace")
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def _below(prefix: bytes, names: Iterable[bytes]) -> set[bytes]:
    return {name[len(prefix) :] for name in names if name.startswith(prefix)}


def _most_sensible(branches: set[bytes], tracked: frozenset[bytes], are_all: bool) -> bytes | None:
    """Return the only branch with a usual name, else the only branch; None if there is none.

    If two branches have usual names, the *tracked* one is meant. The only branch means nothing
    unless *are_all*.
    """
    for usual in _USUAL_NAMES:
        found = branches.intersection(usual)
        if len(found) > 1:
            found &= tracked
            return found.pop() if len(found) == 1 else None
        if found:
            return found.pop()
    return min(branches) if are_all and len(branches) == 1 else None


def _symbolic(text: bytes) -> bytes | None:
    """Return the ref that `ref: …` names; None for an object id. Raises RepositoryError."""
    if not text.startswith(b"ref:"):
        return None
    name = text[len(b"ref:") :].strip()
    if not name.startswith(b"refs/") or _BAD_NAME.search(name):
        raise RepositoryError("broken", "symref_invalid")
    return name
