"""Mounted file systems without real files.

The kernel generates their content, and some of it never ends. A crawl of `/` excludes them, each
with its reason, and none of them can be a root, except an autofs. Disks, memory disks (tmpfs: /tmp,
/run, /dev/shm) and network file systems have real files and are crawled. An autofs is excluded from
the crawl of a folder above it, because entering it mounts another file system. File systems that
are already mounted on it are crawled.
"""

from __future__ import annotations

import os
import re
from functools import cache
from pathlib import Path

import click

from loaders.base.exits import EXIT_USAGE
from loaders.base.paths import is_beneath, text_of

_WITHOUT_FILES = frozenset(
    b"autofs binder binfmt_misc bpf cgroup cgroup2 configfs debugfs devfs devpts devtmpfs "
    b"efivarfs functionfs fusectl fuse.gvfsd-fuse fuse.lxcfs fuse.portal hugetlbfs ipathfs "
    b"mqueue nfsd nsfs proc pstore resctrl rpc_pipefs "
    b"securityfs selinuxfs smackfs sysfs tracefs".split()
)
_MOUNTS = Path("/proc/self/mountinfo")
_OCTAL = re.compile(rb"\\([0-7]{3})")
# Used on systems without /proc/self/mountinfo, such as macOS.
_KNOWN = {b"/dev": b"devfs"}


class NotARoot(click.ClickException):
    """A folder that cannot be a root; shown as one line."""

    exit_code = EXIT_USAGE


@cache
def _types() -> dict[bytes, bytes]:
    """Return mount point → type of file system, for this process."""
    try:
        raw = _MOUNTS.read_bytes()
    except OSError:
        return dict(_KNOWN)
    return parse_mounts(raw)


def parse_mounts(raw: bytes) -> dict[bytes, bytes]:
    """Return mount point → type, from the lines of /proc/self/mountinfo (proc(5)).

    The last mount on a point hides the others.
    """
    found: dict[bytes, bytes] = {}
    for line in raw.splitlines():
        mount, _, system = line.partition(b" - ")
        fields = mount.split(b" ")
        if len(fields) > 4 and system:
            point = _OCTAL.sub(lambda match: bytes([int(match[1], 8) & 0xFF]), fields[4])
            found[point] = system.split(b" ", 1)[0]
    return found


def without_files() -> dict[bytes, str]:
    """Return mount point → reason, for file systems without files, which are not entered."""
    return {point: _reason(kind) for point, kind in _types().items() if kind in _WITHOUT_FILES}


def kind_of(path: bytes) -> bytes:
    """Return the type of the file system of the canonical *path*, empty if it is not known."""
    around = [point for point in _types() if is_beneath(path, point)]
    return _types()[max(around, key=len)] if around else b""


def why_no_root(path: bytes) -> str | None:
    """Return why the canonical *path* cannot be the root of a crawl, or None if it can.

    An autofs can be a root: naming it is a request to mount it.
    """
    kind = kind_of(path)
    return _reason(kind) if kind in _WITHOUT_FILES - {b"autofs"} else None


def refuse_as_root(paths: list[bytes]) -> None:
    """Raise NotARoot if one of the canonical *paths* is in a file system without files."""
    for path in paths:
        if reason := why_no_root(path):
            raise NotARoot(f"{text_of(path)}: {reason}; name a folder of files")


def _reason(kind: bytes) -> str:
    return f"file system without files ({os.fsdecode(kind)})"
