"""Builds hostile and broken repositories, each with the state that the crawl must report.

By hand, with the expensive ones (two minutes and 5 MB to plant, a minute of limits to read):

    python tests/python/support/hostile_set.py FOLDER --expensive
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
import time
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from git_fixtures import (
    git,
    lose_a_tree,
    make_repository,
    object_path,
    plant_traps,
    write_commit,
    write_object,
    write_tree,
)

from loaders.safe_git import RepositoryReader

ADA = b"Ada <ada@example.org> 1700000000 +0000"
READ = ("read", None)


@dataclass(frozen=True)
class Place:
    """The places of a set: the crawl root, a folder outside it, and the marks of traps."""

    root: Path
    outside: Path
    marks: Path
    template: Path

    def repository(self, name: str | bytes) -> Path:
        """A sound repository of three commits."""
        path = Path(os.fsdecode(os.path.join(os.fsencode(self.root), os.fsencode(name))))
        shutil.copytree(self.template, path, symlinks=True)
        return path


Expected = tuple[str, str | None]  # state, reason
Planter = Callable[[Path, Place], object]
ITEMS: dict[str | bytes, tuple[Planter, Expected]] = {}
EXPENSIVE: dict[str | bytes, tuple[Planter, Expected]] = {}


def _item(
    state: str, reason: str | None = None, *, expensive: bool = False
) -> Callable[[Planter], Planter]:
    """Register a planter under its name; it is given a sound repository of that name."""

    def register(planter: Planter) -> Planter:
        items = EXPENSIVE if expensive else ITEMS
        items[planter.__name__.strip("_").replace("_", "-")] = (planter, (state, reason))
        return planter

    return register


def plant_set(
    root: Path, aside: Path, *, expensive: bool = False
) -> tuple[Place, dict[bytes, Expected]]:
    """Plant everything in *root*; return where, and path → what is expected of each repository.

    *aside*, which no crawl may enter, gets the targets of the repositories and the marks of traps.
    """
    place = Place(root, aside / "outside", aside / "marks", aside / "template")
    make_repository(place.template)
    make_repository(place.outside / "repository")
    place.root.mkdir(parents=True)
    place.marks.mkdir()
    expected: dict[bytes, Expected] = {}
    for name, (planter, answer) in (ITEMS | (EXPENSIVE if expensive else {})).items():
        path = place.repository(name)
        # A planter that makes its repository elsewhere says where.
        expected[os.fsencode(planter(path, place) or path)] = answer
    return place, expected


def _write(path: Path, content: bytes | str) -> None:
    """Put *content* at *path* in place of anything else."""
    _clear(path)
    path.write_bytes(content.encode() if isinstance(content, str) else content)


def _clear(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    path.unlink(missing_ok=True)


def _fifo(path: Path) -> None:
    _clear(path)
    os.mkfifo(path)


def _link(path: Path, target: Path | str) -> None:
    _clear(path)
    path.symlink_to(target)


def _sparse(path: Path, size: int) -> None:
    _write(path, b"")
    os.truncate(path, size)


def _head(repository: Path, name: str = "HEAD") -> str:
    return git(repository, "rev-parse", name).decode()


# -- what git would run ------------------------------------------------------------------------


@_item("truncated", "partial; objects_missing: tree")
def _trapped(repository: Path, place: Place) -> None:
    plant_traps(repository, place.marks)
    lose_a_tree(repository)


@_item(*READ)
def _traps_by_another_file(repository: Path, place: Place) -> None:
    """Settings that come by `include`, `includeIf` and `config.worktree`."""
    trap = _trap(place, "included")
    planted = f"[core]\n\tfsmonitor = {trap}\n\tworktree = /etc\n\thooksPath = {trap.parent}\n"
    planted += '[remote "origin"]\n\turl = https://ada:CANARY@example.org/included\n'
    _write(repository / "more", planted)
    _write(repository / ".git/config.worktree", planted)
    with (repository / ".git/config").open("a") as config:
        config.write(
            f'[include]\n\tpath = {repository}/more\n[includeIf "gitdir:/"]\n'
            "\tpath = /proc/self/environ\n"
        )
        config.write("[extensions]\n\tworktreeConfig = true\n")


@_item(*READ)
def _trapped_bare_inside(repository: Path, place: Place) -> None:
    bare = repository / "vendor" / "x"
    git(repository, "clone", "-q", "--bare", ".", str(bare))
    trap = _trap(place, "embedded")
    with (bare / "config").open("a") as config:
        config.write(f"[core]\n\tfsmonitor = {trap}\n\tbare = false\n\tworktree = ../..\n")
    _write(bare / "hooks" / "post-checkout", trap.read_bytes())


def _trap(place: Place, name: str) -> Path:
    program = place.root / f"trap-{name}"
    program.write_text(f"#!/bin/sh\ntouch '{place.marks}/{name}'\n")
    program.chmod(0o755)
    return program


@_item(*READ)
def _fifos_in_the_work_tree(repository: Path, place: Place) -> None:
    for name in (
        ".gitattributes",
        ".mailmap",
        ".gitmodules",
        ".gitignore",
        ".git/index",
        ".git/info/attributes",
    ):
        _fifo(repository / name)
    for name in (
        ".git/index.lock",
        ".git/HEAD.lock",
        ".git/config.lock",
        ".git/logs/HEAD",
        ".git/FETCH_HEAD",
    ):
        _fifo(repository / name)


@_item(*READ)
def _links_in_the_work_tree(repository: Path, place: Place) -> None:
    for name in (".gitattributes", ".mailmap", ".gitmodules", ".gitignore"):
        _link(repository / name, "/etc/passwd")


@_item(*READ)
def _owned_by_another(repository: Path, place: Place) -> None:
    if os.geteuid() == 0:
        for path in (repository, *repository.rglob("*")):
            os.chown(path, 65534, 65534, follow_symlinks=False)


# -- what leads elsewhere ----------------------------------------------------------------------


@_item("refused", "git_is_symlink")
def _git_is_a_link(repository: Path, place: Place) -> None:
    _link(repository / ".git", place.outside / "repository/.git")


@_item("refused", "git_is_fifo")
def _git_is_a_fifo(repository: Path, place: Place) -> None:
    _fifo(repository / ".git")


@_item("broken", "head_missing")
def _git_is_hollow(repository: Path, place: Place) -> None:
    for name in ("HEAD", "config"):
        (repository / ".git" / name).unlink()


def _linked(name: str, state: str, reason: str) -> None:
    def planter(repository: Path, place: Place) -> None:
        _link(repository / ".git" / name, place.outside / "repository/.git" / name)

    ITEMS[f"linked {name.replace('/', ' ')}"] = (planter, (state, reason))


_linked("HEAD", "refused", "head_is_symlink")
_linked("config", "refused", "config_is_symlink")
_linked("refs", "refused", "refs_is_symlink")
_linked("refs/heads", "refused", "ref_is_symlink: refs/heads/main")
_linked("objects", "refused", "objects_is_symlink")
_linked("objects/pack", "refused", "objects_hold_symlink")
_linked("shallow", "refused", "shallow_is_symlink")
_linked("commondir", "refused", "commondir_is_symlink")


def _gitfile(name: str, content: bytes, state: str, reason: str) -> None:
    def planter(repository: Path, place: Place) -> None:
        _fifo(repository / "fifo")
        above = os.path.relpath(place.outside, repository)
        content_here = content.replace(b"OUTSIDE", os.fsencode(place.outside)).replace(
            b"ABOVE", os.fsencode(above)
        )
        _write(repository / ".git", content_here)

    ITEMS[f"gitfile {name}"] = (planter, (state, reason))


_gitfile("above", b"gitdir: ABOVE/repository/.git\n", "truncated", "gitfile_outside_roots")
_gitfile("outside", b"gitdir: OUTSIDE/repository/.git\n", "truncated", "gitfile_outside_roots")
_gitfile("to etc", b"gitdir: /etc\n", "truncated", "gitfile_outside_roots")
_gitfile("to a fifo", b"gitdir: fifo\n", "broken", "gitfile_target_is_fifo")
_gitfile("to itself", b"gitdir: .git\n", "broken", "gitfile_target_is_file")
_gitfile("to nowhere", b"gitdir: nowhere\n", "broken", "gitfile_target_is_missing")
_gitfile("huge", b"gitdir: " + b"x" * 1_000_000, "refused", "gitfile_too_large")
_gitfile("too long", b"gitdir: " + b"x/" * 30_000, "broken", "gitfile_target_is_missing")
_gitfile("with nul", b"gitdir: a\0b\n", "truncated", "gitfile_outside_roots")
_gitfile("of nothing", b"", "broken", "gitfile_invalid")
_gitfile("escapes", b"\x1b]0;pwned\x07\n", "broken", "gitfile_invalid")


def _pointer(name: str, file: str, content: str, state: str, reason: str | None) -> None:
    def planter(repository: Path, place: Place) -> None:
        above = os.path.relpath(place.outside, (repository / ".git" / file).parent.parent)
        above = (
            above if file != "commondir" else os.path.relpath(place.outside, repository / ".git")
        )
        _write(
            repository / ".git" / file,
            content.replace("OUTSIDE", str(place.outside)).replace("ABOVE", above),
        )

    ITEMS[f"{Path(file).name} {name}"] = (planter, (state, reason))


_pointer(
    "outside", "commondir", "OUTSIDE/repository/.git\n", "truncated", "commondir_outside_roots"
)
_pointer("above", "commondir", "ABOVE/repository/.git\n", "truncated", "commondir_outside_roots")
_pointer("of itself", "commondir", ".\n", "read", None)
_pointer("to a file", "commondir", "HEAD\n", "broken", "commondir_target_is_file")
_ALTERNATES = "objects/info/alternates"
_pointer(
    "outside",
    _ALTERNATES,
    "OUTSIDE/repository/.git/objects\n",
    "truncated",
    "alternates_outside_roots",
)
_pointer(
    "above", _ALTERNATES, "ABOVE/repository/.git/objects\n", "truncated", "alternates_outside_roots"
)
_pointer("quoted", _ALTERNATES, '"/etc"\n', "truncated", "alternates_quoted")
_pointer("of itself", _ALTERNATES, ".\n", "read", None)
_pointer("to nowhere", _ALTERNATES, "../../nowhere\n", "truncated", "alternates_target_is_missing")
_pointer("too large", _ALTERNATES, "#" * 100_000, "truncated", "alternates_too_large")
_pointer(
    "somewhere",
    "objects/info/http-alternates",
    "http://127.0.0.1:9/\n",
    "truncated",
    "http_alternates",
)


@_item("truncated", "alternates_outside_roots")
def _alternates_in_a_chain(repository: Path, place: Place) -> None:
    """Inside, then inside, then out."""
    stores = [repository / ".git/objects"]
    for number in range(2):
        stores.append(repository / f"store {number}")
        stores[-1].mkdir()
    for store, next_one in zip(
        stores, [*stores[1:], place.outside / "repository/.git/objects"], strict=True
    ):
        _write(store / "info/alternates", f"{next_one}\n")


@_item("truncated", "alternates_too_many")
def _alternates_without_end(repository: Path, place: Place) -> None:
    for number in range(40):
        (repository / f"store {number}").mkdir()
    stores = "".join(f"{repository}/store {number}\n" for number in range(40))
    _write(repository / ".git/objects/info/alternates", stores)


@_item("truncated", "alternates_unsafe: objects_hold_fifo")
def _alternates_to_a_fifo(repository: Path, place: Place) -> None:
    _fifo(repository / "store/ab/cd")
    _write(repository / ".git/objects/info/alternates", f"{repository}/store\n")


# -- work trees, mirrors, submodules -----------------------------------------------------------


@_item(*READ)
def _work_tree_inside(repository: Path, place: Place) -> Path:
    linked = place.root / "linked inside"
    git(repository, "worktree", "add", "-q", "-b", "side", str(linked))
    return linked


@_item("truncated", "gitfile_outside_roots")
def _work_tree_of_outside(repository: Path, place: Place) -> Path:
    linked = place.root / "linked to outside"
    git(place.outside / "repository", "worktree", "add", "-q", "--detach", str(linked))
    return linked


@_item("broken", "gitfile_target_is_missing")
def _work_tree_of_what_is_gone(repository: Path, place: Place) -> Path:
    linked = place.root / "linked to a lost folder"
    git(repository, "worktree", "add", "-q", "--detach", str(linked))
    shutil.rmtree(repository)
    return linked


@_item(*READ)
def _work_tree_outside(repository: Path, place: Place) -> None:
    git(repository, "worktree", "add", "-q", "--detach", str(place.outside / "linked to inside"))
    _write(repository / ".git/worktrees/evil/gitdir", "\x1b[31m/etc\n")
    _write(repository / ".git/worktrees/long/gitdir", "/x" * 20_000)


@_item("refused", "worktree_gitdir_is_fifo")
def _work_tree_by_a_fifo(repository: Path, place: Place) -> None:
    _fifo(repository / ".git/worktrees/x/gitdir")


@_item(*READ)
def _mirror(repository: Path, place: Place) -> Path:
    mirror = place.root / "mirror.git"
    git(repository, "clone", "-q", "--mirror", "--no-hardlinks", ".", str(mirror))
    return mirror


@_item("truncated", "partial; objects_missing: tree")
def _mirror_that_is_trapped(repository: Path, place: Place) -> Path:
    mirror = place.root / "trapped mirror.git"
    git(repository, "clone", "-q", "--mirror", "--no-hardlinks", ".", str(mirror))
    trap = _trap(place, "mirror")
    tree = git(mirror, "rev-parse", "HEAD:src").decode()
    (mirror / "objects" / tree[:2] / tree[2:]).unlink()
    with (mirror / "config").open("a") as config:
        config.write(f"\tpromisor = true\n\tuploadpack = {trap}\n[core]\n\tfsmonitor = {trap}\n")
    return mirror


@_item(*READ)
def _submodule(repository: Path, place: Place) -> Path:
    git(repository, "submodule", "--quiet", "add", str(place.template), "sub")
    git(repository, "commit", "-q", "-m", "submodule")
    config = repository / ".git/modules/sub/config"
    config.write_text(
        config.read_text()
        + f"[core]\n\tworktree = /etc\n\tfsmonitor = {_trap(place, 'submodule')}\n"
    )
    _write(
        repository / ".gitmodules",
        '[submodule "../../x"]\n\tpath = ../../x\n\turl = ext::sh\n\tupdate = !touch x\n',
    )
    return repository / "sub"


@_item("truncated", "shallow")
def _shallow_clone(repository: Path, place: Place) -> Path:
    clone = place.root / "shallow"
    git(repository, "clone", "-q", "--depth=1", f"file://{repository}", str(clone))
    return clone


@_item("truncated", "partial; objects_missing: tree")
def _partial_clone(repository: Path, place: Place) -> Path:
    git(repository, "config", "uploadpack.allowFilter", "true")
    clone = place.root / "partial"
    git(
        repository,
        "clone",
        "-q",
        "--filter=tree:0",
        "--no-checkout",
        f"file://{repository}",
        str(clone),
    )
    return clone


# -- refs --------------------------------------------------------------------------------------


def _head_file(name: str, content: bytes, state: str, reason: str | None) -> None:
    def planter(repository: Path, place: Place) -> None:
        _write(repository / ".git/HEAD", content)

    ITEMS[f"head {name}"] = (planter, (state, reason))


_head_file("to itself", b"ref: HEAD\n", "broken", "symref_invalid")
_head_file("above", b"ref: refs/../../../outside\n", "broken", "symref_invalid")
_head_file("with newline", b"ref: refs/heads/a\nb\n", "broken", "symref_invalid")
_head_file("with escapes", b"ref: refs/heads/\x1b[31m\n", "broken", "symref_invalid")
_head_file("bidi", "ref: refs/heads/\u202egpj.exe\n".encode(), "empty", None)
_head_file("too large", b"ref: refs/heads/" + b"x" * 5_000, "refused", "head_too_large")
_head_file(
    "too long",
    b"ref: refs/heads/" + b"x" * 4_000 + b"\n",
    "broken",
    "ref_unreadable: refs/heads/" + "x" * 4_000,
)
_head_file("of nul", b"\0" * 41, "broken", "head_invalid")
_head_file("of nothing", b"", "broken", "head_invalid")


@_item("broken", "symrefs_too_deep")
def _refs_in_a_circle(repository: Path, place: Place) -> None:
    _write(repository / ".git/refs/heads/main", "ref: refs/heads/other\n")
    _write(repository / ".git/refs/heads/other", "ref: refs/heads/main\n")


@_item(*READ)
def _ref_like_an_option(repository: Path, place: Place) -> None:
    _write(repository / ".git/refs/heads/--output=pwned", _head(repository) + "\n")
    _write(repository / ".git/HEAD", "ref: refs/heads/--output=pwned\n")


@_item(*READ)
def _lies_about_history(repository: Path, place: Place) -> None:
    head = _head(repository)
    git(repository, "update-ref", f"refs/replace/{head}", _head(repository, "HEAD~2"))
    _write(repository / ".git/info/grafts", head + "\n")


@_item("refused", "packed_refs_too_large")
def _packed_refs_of_200_megabytes(repository: Path, place: Place) -> None:
    (repository / ".git/refs/heads/main").unlink()
    _sparse(repository / ".git/packed-refs", 200 << 20)


@_item("broken", "packed_refs_invalid: refs/heads/main")
def _packed_refs_of_garbage(repository: Path, place: Place) -> None:
    (repository / ".git/refs/heads/main").unlink()
    _write(
        repository / ".git/packed-refs", b"\xff\0\x1b[31m garbage refs/heads/main\n" + b"\0" * 5_000
    )


@_item("truncated", "reftable")
def _reftable(repository: Path, place: Place) -> None:
    shutil.rmtree(repository / ".git/refs")
    (repository / ".git/refs").mkdir()
    _write(repository / ".git/refs/heads", "this repository uses the reftable format\n")
    _write(repository / ".git/HEAD", "ref: refs/heads/.invalid\n")
    _write(repository / ".git/reftable/tables.list", "0x1-0x1-x.ref\n")
    with (repository / ".git/config").open("a") as config:
        config.write(
            "[core]\n\trepositoryformatversion = 1\n[extensions]\n\trefStorage = reftable\n"
        )


@_item(*READ)
def _many_refs(repository: Path, place: Place) -> None:
    _plant_refs(repository, 2_000)


@_item(*READ, expensive=True)
def _a_hundred_thousand_refs(repository: Path, place: Place) -> None:
    _plant_refs(repository, 100_000)


def _plant_refs(repository: Path, count: int) -> None:
    head = _head(repository) + "\n"
    folder = repository / ".git/refs/heads/many"
    folder.mkdir()
    for number in range(count):
        (folder / f"{number}").write_text(head)


# -- objects -----------------------------------------------------------------------------------


@_item("truncated", "output_limit: tree", expensive=True)
def _bomb_of_paths(repository: Path, place: Place) -> None:
    """10^10 paths in a dozen objects."""
    _plant_bomb(repository, ("100644", write_object(repository, "blob", b"x")))


@_item("truncated", "timeout: tree", expensive=True)
def _bomb_of_time(repository: Path, place: Place) -> None:
    """10^10 folders and nothing in them: git works without any output."""
    _plant_bomb(repository, ("40000", write_tree(repository, {})))


def _plant_bomb(repository: Path, level: tuple[str, str]) -> None:
    for _ in range(10):
        level = ("40000", write_tree(repository, {b"%d" % digit: level for digit in range(10)}))
    write_commit(repository, level[1], ADA)


@_item(*READ, expensive=True)
def _bomb_of_zeros(repository: Path, place: Place) -> None:
    """A blob of 1 GiB in 1 MB; blobs are never read."""
    _plant_zeros(repository, "blob", 1 << 30)


@_item("truncated", "memory_limit: head", expensive=True)
def _commit_of_four_gigabytes(repository: Path, place: Place) -> None:
    oid = _plant_zeros(repository, "commit", 4 << 30)
    _write(repository / ".git/refs/heads/main", oid + "\n")


def _plant_zeros(repository: Path, kind: str, size: int) -> str:
    header, block = f"{kind} {size}\0".encode(), bytes(1 << 20)
    digest, packer = hashlib.sha1(header), zlib.compressobj(1)
    packed = [packer.compress(header)]
    for _ in range(size >> 20):
        digest.update(block)
        packed.append(packer.compress(block))
    path = object_path(repository, digest.hexdigest())
    _write(path, b"".join([*packed, packer.flush()]))
    return digest.hexdigest()


@_item("truncated", "memory_limit: head")
def _commit_that_says_it_is_huge(repository: Path, place: Place) -> None:
    path = object_path(repository, _head(repository))
    _write(path, zlib.compress(b"commit 9000000000000000000\0tree "))


@_item("broken", "objects_missing: head")
def _head_of_no_bytes(repository: Path, place: Place) -> None:
    _write(object_path(repository, _head(repository)), b"")


@_item("broken", "objects_missing: head")
def _head_that_is_missing(repository: Path, place: Place) -> None:
    object_path(repository, _head(repository)).unlink()


@_item("broken", "head_is_blob: head")
def _head_that_is_a_blob(repository: Path, place: Place) -> None:
    _write(repository / ".git/refs/heads/main", write_object(repository, "blob", b"x") + "\n")


@_item("truncated", "objects_missing: tree")
def _tree_that_is_missing(repository: Path, place: Place) -> None:
    object_path(repository, _head(repository, "HEAD^{tree}")).unlink()


@_item(*READ)
def _blobs_that_are_missing(repository: Path, place: Place) -> None:
    object_path(repository, _head(repository, "HEAD:src/file 0.txt")).unlink()


@_item(*READ)
def _names_that_lead_out(repository: Path, place: Place) -> None:
    blob = write_object(repository, "blob", b"x")
    names = (
        b"..",
        b".git",
        b"/etc/passwd",
        b"../../outside/x",
        b"\x1b[31m",
        b"-rf",
        b"a\nb",
        b"\xff",
    )
    tree = write_tree(repository, dict.fromkeys(names, ("100644", blob)))
    write_commit(
        repository, write_tree(repository, {b"..": ("40000", tree), b"x": ("120000", blob)}), ADA
    )


@_item(*READ)
def _absurd_commit(repository: Path, place: Place) -> None:
    identity = b"\xff\x1b[31m\xe2\x80\xae <CANARY@x> 99999999999999999999 +9999"
    write_commit(
        repository, _head(repository, "HEAD^{tree}"), identity, message=b"\0\xff\x9b31m" * 1_000
    )


@_item("truncated", "git_failed: exit 128: tree")
def _tree_of_garbage(repository: Path, place: Place) -> None:
    write_commit(repository, write_object(repository, "tree", b"\xff\0garbage"), ADA)


@_item(*READ)
def _huge_tree(repository: Path, place: Place) -> None:
    blob = write_object(repository, "blob", b"x")
    tree = write_tree(
        repository, {b"file %06d" % number: ("100644", blob) for number in range(20_000)}
    )
    write_commit(repository, tree, ADA)


def _damaged_pack(name: str, state: str, reason: str | None) -> None:
    def planter(repository: Path, place: Place) -> None:
        git(repository, "config", "core.multiPackIndex", "true")
        git(repository, "repack", "-q", "-a", "-d", "--write-midx")
        git(repository, "commit-graph", "write", "--reachable")
        info = repository / ".git/objects"
        found = [
            *info.glob(f"pack/*{name}"),
            *info.glob(f"info/*{name}"),
            *info.glob(f"info/*/*{name}"),
        ]
        assert found, name
        for path in found:
            data = path.read_bytes()
            path.chmod(0o644)
            path.write_bytes(data[:8] + bytes(byte ^ 0xFF for byte in data[8:]))

    ITEMS[f"damaged {name}"] = (planter, (state, reason))


_damaged_pack(".pack", "broken", "objects_missing: head")
_damaged_pack(".idx", "broken", "objects_missing: head")
_damaged_pack("multi-pack-index", *READ)
_damaged_pack("commit-graph", *READ)


@_item("truncated", "memory_limit: head")
def _pack_of_a_terabyte(repository: Path, place: Place) -> None:
    git(repository, "repack", "-q", "-a", "-d")
    for path in (repository / ".git/objects/pack").iterdir():
        path.chmod(0o644)
        os.truncate(path, 0)
        os.truncate(path, 1 << 40)


@_item("refused", "objects_hold_fifo")
def _object_that_is_a_fifo(repository: Path, place: Place) -> None:
    _fifo(object_path(repository, _head(repository)))


@_item("refused", "objects_too_many")
def _objects_too_deep(repository: Path, place: Place) -> None:
    (repository / ".git/objects" / "/".join("abcdefgh")).mkdir(parents=True)


@_item("refused", "objects_hold_device")
def _object_that_is_a_device(repository: Path, place: Place) -> None:
    if os.geteuid() == 0:
        _clear(path := object_path(repository, _head(repository)))
        os.mknod(path, 0o020600, os.makedev(1, 5))


# -- config, and secrets -----------------------------------------------------------------------


def _config(name: str, content: bytes, state: str, reason: str | None) -> None:
    def planter(repository: Path, place: Place) -> None:
        _write(repository / ".git/config", content)

    ITEMS[f"config {name}"] = (planter, (state, reason))


_config("of nul", b"\0" * 100, "broken", "config_invalid: line 1")
_config("too large", b"#" * (3 << 20), "refused", "config_too_large")
_config("of quotes", b"[a]\nk = " + b'""' * 100_000 + b"\n", "read", None)
_config("of nothing", b"", "read", None)
_config(
    "of another hash",
    b"[extensions]\nobjectformat = sha256\n",
    "broken",
    "head_of_other_object_format",
)

SECRET_URLS = (
    "https://ada:CANARY01@example.org/x.git",
    "https://CANARY02@example.org/x.git",
    "https://ada%3ACANARY03%40@example.org/x.git",
    "https://ada:p@CANARY04@example.org/x.git",
    "ssh://ada:CANARY05@example.org:22/x.git",
    "ada:CANARY06@example.org:x.git",
    "CANARY07@example.org:x.git",
    "file://ada:CANARY08@localhost/x.git",
    "git+https://ada:CANARY09@example.org/x.git",
    "https://example.org/x.git?private_token=CANARY10",
    "https://example.org/x.git#CANARY11",
    "ext::sh -c 'curl -H CANARY12 https://example.org'",
    "https://x-access-token:CANARY13@example.org/x.git",
    "https:/ada:CANARY14@example.org/x.git",
    "//ada:CANARY15@example.org/x.git",
    "https://ada:CANARY16/@example.org/x.git",
)
for _number, _url in enumerate(SECRET_URLS):
    _text = (
        f'[remote "origin"]\n\turl = "{_url}"\n\tpushurl = {_url}\n[url "{_url}"]\n'
        "\tinsteadOf = x\n"
    )
    _text += (
        '[http]\n\textraHeader = "Authorization: CANARY"\n[credential]\n\thelper = "!echo CANARY"\n'
    )
    _config(f"with secret {_number}", _text.encode(), *READ)


# -- names and depth ---------------------------------------------------------------------------

for _name in (
    b"repository\nof two lines",
    b"repository \x1b[31m\x9b\xff",
    "repository \u202e\u200b".encode(),
    b"-rf",
    b"$(touch pwned) `touch pwned` '\"",
    b"{{ env_var('HOME') }}",
    b"=cmd|' C calc'!A0",
    b"r" * 255,
):
    ITEMS[_name] = (lambda repository, place: None, READ)


@_item("truncated", "path_too_long: objects")
def _repository_beyond_any_path(repository: Path, place: Place) -> bytes:
    """At the end of a path of 5 kB, which cannot be passed to git."""
    path = os.fsencode(repository)
    folder = os.open(repository, os.O_RDONLY | os.O_DIRECTORY)
    os.rename(repository / ".git", place.outside / "moved.git")
    for _ in range(25):
        name = b"d" * 200
        os.mkdir(name, dir_fd=folder)
        deeper = os.open(name, os.O_RDONLY | os.O_DIRECTORY, dir_fd=folder)
        os.close(folder)
        folder, path = deeper, path + b"/" + name
    os.rename(place.outside / "moved.git", ".git", dst_dir_fd=folder)
    os.close(folder)
    return path


def _read_all(base: Path, *, expensive: bool) -> None:
    """Plant the set and read each; print the time of the slowest and all surprises."""
    base.mkdir(parents=True)
    place, expected = plant_set(base / "code", base, expensive=expensive)
    took: list[tuple[float, bytes]] = []
    with RepositoryReader([os.fsencode(place.root)]) as reader:
        for path, (state, reason) in expected.items():
            began = time.monotonic()
            facts = reader.read(path, since_s=0, bare=path.endswith(b".git"))
            took.append((time.monotonic() - began, os.path.basename(path)))
            if (facts.state, facts.reason) != (state, reason):
                print(f"NOT AS EXPECTED {path!r}: {facts.state}, {facts.reason}")
    print(
        f"{len(expected)} repositories below {place.root}; marks of traps:"
        f" {os.listdir(place.marks) or 'none'}"
    )
    for seconds, name in sorted(took, reverse=True)[:8]:
        print(f"{seconds:8.2f} s  {name[:60]!r}")


if __name__ == "__main__":
    _read_all(Path(sys.argv[1]), expensive="--expensive" in sys.argv)
