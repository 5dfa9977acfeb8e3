"""Whatever happens between crawls, together they land the state that one last crawl lands."""

from __future__ import annotations

import os
import random
import shutil
from collections import Counter
from pathlib import Path

import pytest
from git_fixtures import make_repository
from worlds import fold, landed, on_disk, plant

from loaders.zone.landing import LandingZone

NAMES = ["a", "b.txt", "c.pyc", "node_modules", "venv", "d", "e f", "\udcff", "n\nl", "g"]
NAMES += [".gitignore", ".gitattributes"]
RULES = [b"*.txt\n", b"!b.txt\n", b"/a\n", b"d/\n", b"* linguist-generated\n", b"g -text\n"]


class RandomWorld:
    """A folder that random edits are made in."""

    def __init__(self, root: Path, seed: int) -> None:
        self.root = root
        self.random = random.Random(seed)

    def edit(self) -> None:
        self.random.choice(
            [
                self.write,
                self.write,
                self.write,
                self.append,
                self.touch,
                self.remove,
                self.move,
                self.copy,
                self.link,
                self.fifo,
                self.make_directory,
                self.mark,
                self.unmark,
                self.keep_times,
            ]
        )()

    def directories(self) -> list[str]:
        return [path for path, _, _ in os.walk(self.root)]

    def entries(self) -> list[str]:
        return [
            os.path.join(path, name)
            for path, directories, files in os.walk(self.root)
            for name in [*directories, *files]
            if name != ".git" and "/.git/" not in path
        ]

    def files(self) -> list[str]:
        return [
            path for path in self.entries() if os.path.isfile(path) and not os.path.islink(path)
        ]

    def place(self) -> str:
        folders = [
            path for path in self.directories() if "/.git" not in path and path.count("/") < 12
        ]
        return os.path.join(self.random.choice(folders), self.random.choice(NAMES))

    def content(self) -> bytes:
        return self.random.choice([b"", b"one\n", b"two\n", b"\0bin", self.random.randbytes(9)])

    def write(self) -> None:
        path = self.place()
        if not os.path.lexists(path) or path in self.files():
            has_rules = os.path.basename(path).startswith(".git")
            Path(path).write_bytes(self.random.choice(RULES) if has_rules else self.content())

    def append(self) -> None:
        if files := self.files():
            with open(self.random.choice(files), "ab") as file:
                file.write(self.random.choice([b"more\n", *RULES]))

    def touch(self) -> None:
        if files := self.files():
            os.utime(self.random.choice(files), ns=(1, self.random.randrange(1 << 60)))

    def keep_times(self) -> None:
        if files := self.files():
            path = self.random.choice(files)
            status = os.stat(path)
            Path(path).write_bytes(self.random.randbytes(status.st_size))
            os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))

    def remove(self) -> None:
        if entries := self.entries():
            path = self.random.choice(entries)
            if os.path.isdir(path) and not os.path.islink(path):
                shutil.rmtree(path)
            else:
                os.unlink(path)

    def move(self) -> None:
        if entries := self.entries():
            old, new = self.random.choice(entries), self.place()
            if not os.path.lexists(new) and not new.startswith(old + "/"):
                os.rename(old, new)

    def copy(self) -> None:
        directories, new = self.directories()[1:], self.place()
        if directories and not os.path.lexists(new):
            old = self.random.choice(directories)
            if not new.startswith(old) and "/.git" not in old and len(self.entries()) < 200:
                shutil.copytree(
                    old,
                    new,
                    symlinks=True,
                    ignore=lambda *_: [".git"],
                    copy_function=self._copy_file,
                )

    @staticmethod
    def _copy_file(old: str, new: str) -> None:
        if os.path.isfile(old) or os.path.islink(old):
            shutil.copy2(old, new, follow_symlinks=False)

    def link(self) -> None:
        path = self.place()
        if not os.path.lexists(path):
            os.symlink(self.random.choice(["a", "..", "/nowhere"]), path)

    def fifo(self) -> None:
        path = self.place()
        if not os.path.lexists(path):
            os.mkfifo(path)

    def make_directory(self) -> None:
        path = self.place()
        if not os.path.lexists(path):
            os.mkdir(path)

    def mark(self) -> None:
        path = os.path.join(self.random.choice(self.directories()), "pyvenv.cfg")
        if "/.git" not in path and not os.path.lexists(path):
            Path(path).write_bytes(b"")

    def unmark(self) -> None:
        if marks := [path for path in self.entries() if path.endswith("pyvenv.cfg")]:
            os.unlink(self.random.choice(marks))


@pytest.mark.parametrize("seed", range(6))
def test_incremental_equals_full(zone, tmp_path, crawl_once, seed: int) -> None:
    world = RandomWorld(tmp_path / "world", seed)
    plant(world.root, {"a": {"b.txt": b"1"}, "keep": b""})
    make_repository(world.root / "repo", commits=1)
    chance = random.Random(-seed)
    for _ in range(5):
        for _ in range(chance.choice([1, 5, 40])):
            world.edit()
        root = (
            world.root / "a"
            if chance.random() < 0.25 and (world.root / "a").is_dir()
            else world.root
        )
        if not root.is_symlink():
            run, _ = crawl_once(root, profile=chance.choice(["default", "default", "everything"]))
            _is_accounted_for(zone, run)
    # The last crawl covers everything, with one profile, both times.
    _is_accounted_for(zone, crawl_once(world.root)[0])
    fresh = LandingZone(tmp_path / "fresh")
    crawl_once(world.root, where=fresh)
    many, one = fold(zone, world.root), fold(fresh, world.root)
    assert many.files == one.files
    assert many.directories == one.directories
    assert many.repositories == one.repositories
    assert many.rules == one.rules
    present = {path for path, file in many.files.items() if file[0] == "present"}
    assert present and present <= on_disk(world.root).keys()


def _is_accounted_for(zone: LandingZone, run) -> None:
    """A run lands each path at most once, and its record agrees with the log."""
    manifest = next(entry.manifest for entry in zone.entries() if entry.run_id == run.run_id)
    assert manifest["discovered"] == sum(
        manifest[name] for name in ("landed", "unchanged", "skipped", "quarantined")
    )
    paths = Counter(
        (row["directory_path"], row["name"]) for row in landed(zone, "crawl_files", run.run_id)
    )
    paths.update(row["path"] for row in landed(zone, "crawl_directories", run.run_id))
    assert not [path for path, count in paths.items() if count > 1]


# -- digests ---------------------------------------------------------------------------------------

TREE = {
    "a": b"1\n",
    "b": {"c": b"2\n", "empty": b"", "e": {"deep": b"3\n"}},
    "nothing": {},
}


def digests(zone: LandingZone, folder: Path) -> tuple[str | None, str | None]:
    state = fold(zone, folder).directories[os.fsencode(folder)]
    return state.own_digest, state.tree_digest


def test_equal_trees_have_equal_digests_wherever_they_are(zone, world, crawl_once) -> None:
    plant(world, {"one": TREE, "far": {"away": {"two": TREE}}})
    os.utime(world / "one" / "a", ns=(1, 1))
    crawl_once()
    assert digests(zone, world / "one") == digests(zone, world / "far" / "away" / "two")
    assert digests(zone, world / "far") != digests(zone, world / "far" / "away")
    crawl_once(world / "one", where=LandingZone(zone.path.with_name("other")))
    assert digests(LandingZone(zone.path.with_name("other")), world / "one") == digests(
        zone, world / "one"
    )


def rename_file(root: Path) -> None:
    os.rename(root / "b/c", root / "b/d")


def rename_folder(root: Path) -> None:
    os.rename(root / "b/e", root / "b/f")


def edit_file(root: Path) -> None:
    (root / "b/e/deep").write_bytes(b"4\n")


def add_empty_file(root: Path) -> None:
    (root / "b/e/more").write_bytes(b"")


def add_empty_folder(root: Path) -> None:
    (root / "b/e/more").mkdir()


def remove_file(root: Path) -> None:
    (root / "b/empty").unlink()


def remove_empty_folder(root: Path) -> None:
    (root / "nothing").rmdir()


def move_up(root: Path) -> None:
    os.rename(root / "b/e/deep", root / "b/deep")


def swap_contents(root: Path) -> None:
    (root / "a").write_bytes(b"2\n")
    (root / "b/c").write_bytes(b"1\n")


def file_to_link(root: Path) -> None:
    (root / "b/c").unlink()
    (root / "b/c").symlink_to("empty")


CHANGES = [
    rename_file,
    rename_folder,
    edit_file,
    add_empty_file,
    add_empty_folder,
    remove_file,
    remove_empty_folder,
]
CHANGES += [move_up, swap_contents, file_to_link]


def test_every_change_changes_the_tree_digest(zone, world, crawl_once) -> None:
    plant(world, {"original": TREE, **{change.__name__: TREE for change in CHANGES}})
    crawl_once()
    before = digests(zone, world / "original")
    for change in CHANGES:
        assert digests(zone, world / change.__name__) == before
        change(world / change.__name__)
    crawl_once()
    trees = {change.__name__: digests(zone, world / change.__name__)[1] for change in CHANGES}
    assert len({*trees.values(), before[1]}) == len(CHANGES) + 1, trees
    assert digests(zone, world / "edit_file")[0] == before[0], (
        "the own digest is of the folder's own files"
    )
    assert digests(zone, world / "swap_contents")[0] != before[0]
    fresh = LandingZone(zone.path.with_name("fresh"))
    crawl_once(where=fresh)
    assert fold(zone, world).directories == fold(fresh, world).directories


def test_the_target_of_a_link_counts_and_what_is_skipped_does_not(zone, world, crawl_once) -> None:
    for name in ("plain", "linked", "turned", "cached", "piped"):
        plant(world / name, {"a": b"1"})
    (world / "linked" / "l").symlink_to("a")
    (world / "turned" / "l").symlink_to("b")
    plant(world / "cached", {"node_modules": {"x": b"1"}, "env": {"pyvenv.cfg": b""}})
    os.mkfifo(world / "piped" / "fifo")
    crawl_once()
    plain, linked, turned, cached, piped = (
        digests(zone, world / name) for name in ("plain", "linked", "turned", "cached", "piped")
    )
    assert plain == cached == piped and len({plain, linked, turned}) == 3


def test_one_unreadable_file_makes_every_digest_above_unknown(zone, world, crawl_once) -> None:
    plant(world, {"d": {"e": {"f": b"1"}, "g": {"h": b"2"}}})
    crawl_once()
    before = fold(zone, world).directories
    with open(world / "d" / "e" / "sparse", "wb") as file:
        file.truncate(1 << 40)
    crawl_once()
    for name in ("", "d", "d/e"):
        assert digests(zone, world / name)[1] is None, name
    assert digests(zone, world / "d/e")[0] is None and digests(zone, world / "d")[0] is not None
    beside = before[os.fsencode(world / "d/g")]
    assert (
        digests(zone, world / "d/g") == (beside.own_digest, beside.tree_digest)
        and beside.tree_digest
    )
    (world / "d" / "e" / "sparse").unlink()
    crawl_once()
    assert fold(zone, world).directories == before
