"""HEAD and the few refs that matter, read from the files backend (gitrepository-layout(5))."""

from __future__ import annotations

import re
from functools import cached_property

from .files import Roots, Trouble
from .preflight import OID, Located

_REF_BYTES = 4 * 1024
_PACKED_REFS_BYTES = 64 * 1024 * 1024
_MAX_SYMREFS = 5
_BRANCHES = b"refs/heads/"
_ORIGIN = b"refs/remotes/origin/"

# git-check-ref-format(1): what may not occur in a name that we turn into a path.
_BAD_NAME = re.compile(rb"[\x00-\x20\x7f~^:?*\[\\]|\.\.|@\{|//|/\.|/$|\.$|\.lock(?:/|$)")


class Refs:
    """Refs of one repository. Methods raise Trouble for files that are not plain."""

    def __init__(self, roots: Roots, located: Located) -> None:
        self._roots = roots
        self._located = located

    def head(self) -> tuple[bytes | None, str | None]:
        """(ref name or None when detached, commit or None when the branch has none yet)."""
        text = self._roots.read(self._located.git_dir + b"/HEAD", "head", _REF_BYTES)
        if text is None:
            raise Trouble("broken", "head_missing")
        target = _symbolic(text)
        if target is None:
            if not OID.fullmatch(text.strip()):
                raise Trouble("broken", "head_invalid")
            return None, text.strip().decode()
        return self._resolve(target)

    def default_branch(self, head_ref: bytes | None) -> bytes | None:
        """What origin calls its HEAD, else a local main or master, else the current branch."""
        text = self._read(_ORIGIN + b"HEAD")
        target = _symbolic(text) if text else None
        if target and target.startswith(_ORIGIN):
            return target[len(_ORIGIN) :]
        for name in (b"main", b"master"):
            if self._resolve(_BRANCHES + name)[1]:
                return name
        if head_ref and head_ref.startswith(_BRANCHES):
            return head_ref[len(_BRANCHES) :]
        return None

    def _resolve(self, name: bytes) -> tuple[bytes, str | None]:
        """Follow symbolic refs from `name`: (the last name, its object or None)."""
        for _ in range(_MAX_SYMREFS):
            text = self._read(name)
            if text is None:
                return name, self._packed(name)
            target = _symbolic(text)
            if target is None:
                oid = text.strip()
                if not OID.fullmatch(oid):
                    raise Trouble("broken", f"ref_invalid: {printable(name)}")
                return name, oid.decode()
            name = target
        raise Trouble("broken", "symrefs_too_deep")

    def _read(self, name: bytes) -> bytes | None:
        path = self._located.common_dir + b"/" + name
        if self._roots.kind(path) == "directory":  # refs/heads/a while refs/heads/a/b exists
            return None
        try:
            return self._roots.read(path, "ref", _REF_BYTES)
        except Trouble as trouble:
            raise Trouble(trouble.state, f"{trouble.reason}: {printable(name)}") from trouble

    def _packed(self, name: bytes) -> str | None:
        end = self._packed_refs.find(b" " + name + b"\n")
        if end < 0:
            return None
        oid = self._packed_refs[self._packed_refs.rfind(b"\n", 0, end) + 1 : end]
        if not OID.fullmatch(oid):  # no branch here would mean no commits yet, which nobody knows
            raise Trouble("broken", f"packed_refs_invalid: {printable(name)}")
        return oid.decode()

    @cached_property
    def _packed_refs(self) -> bytes:
        path = self._located.common_dir + b"/packed-refs"
        return self._roots.read(path, "packed_refs", _PACKED_REFS_BYTES) or b""


def printable(name: bytes) -> str:
    """Text for a name that git keeps as bytes: what is not UTF-8, or not printable, is escaped."""
    text = name.decode("utf-8", "backslashreplace")
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def _symbolic(text: bytes) -> bytes | None:
    """The ref that `ref: …` names; None for an object. Raises Trouble for a name that escapes."""
    if not text.startswith(b"ref:"):
        return None
    name = text[len(b"ref:") :].strip()
    if not name.startswith(b"refs/") or _BAD_NAME.search(name):
        raise Trouble("broken", "symref_invalid")
    return name
