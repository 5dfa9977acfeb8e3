"""Swapping in and rolling back, and what a kill at any step of it leaves."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from loaders.base.paths import Locations, locations
from loaders.publishing import published_versions
from loaders.publishing.published_versions import (
    VERSIONS_KEPT,
    current_version,
    note_of,
    rollback,
    swap_in,
)


class Killed(BaseException):
    """Acts like a kill: no code after it runs."""


@pytest.fixture
def where() -> Locations:
    found = locations()
    found.work_folder.mkdir(parents=True)
    return found


def publish(where: Locations, content: str) -> int:
    draft = where.work_folder / "next.duckdb"
    draft.write_text(content)
    return swap_in(draft, where, {"as_of": content})


def kept(where: Locations) -> dict[int, str]:
    return {
        number: path.read_text() for number, path in published_versions.kept_versions(where).items()
    }


def kill_at(monkeypatch: pytest.MonkeyPatch, call: int) -> None:
    """Let the *call*-th change of names, and every later one, never happen."""
    calls = 0

    def counted(real):
        def change(*arguments, **options):
            nonlocal calls
            calls += 1
            if calls >= call:
                raise Killed
            return real(*arguments, **options)

        return change

    for name in ("replace", "link", "unlink"):
        monkeypatch.setattr(os, name, counted(getattr(os, name)))


def test_a_published_version_has_a_note_with_its_digest(where: Locations) -> None:
    assert [publish(where, content) for content in ("one", "two")] == [1, 2]
    note = json.loads(note_of(current_version(where)).read_bytes())
    assert (note["generation"], note["bytes"], note["as_of"]) == (2, 3, "two")
    assert where.published.read_text() == "two" and not list(where.versions.glob("*.pending"))


def test_old_published_versions_are_removed_with_their_notes(where: Locations) -> None:
    for number in range(VERSIONS_KEPT + 2):
        publish(where, str(number))
    assert len(list(where.versions.iterdir())) == 2 * VERSIONS_KEPT


@pytest.mark.parametrize("call", range(1, 7))
def test_a_killed_swap_leaves_only_published_versions(
    where: Locations, monkeypatch: pytest.MonkeyPatch, call: int
) -> None:
    publish(where, "one")
    publish(where, "two")
    with monkeypatch.context() as patch, pytest.raises(Killed):
        kill_at(patch, call)
        publish(where, "three")
    published = where.published.read_text()
    assert published in ("two", "three")
    assert kept(where)[max(kept(where))] == published
    assert json.loads(note_of(current_version(where)).read_bytes())["as_of"] == published
    before = {"two": "one", "three": "two"}[published]
    publish(where, "four")
    assert {"one", "two", published, "four"} == set(kept(where).values())
    assert not list(where.versions.glob("*.pending"))
    rollback(where)
    assert where.published.read_text() == published
    rollback(where)
    assert where.published.read_text() == before


def test_a_version_published_by_a_killed_swap_can_be_rolled_back(
    where: Locations, monkeypatch
) -> None:
    publish(where, "one")
    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr(published_versions, "_settle", _settle_once(patch))
        publish(where, "two")
    assert where.published.read_text() == "two"
    assert rollback(where) == 1 and where.published.read_text() == "one"
    assert publish(where, "three") == 3 and set(kept(where).values()) == {"one", "two", "three"}


def _settle_once(patch: pytest.MonkeyPatch):
    real, calls = published_versions._settle, []

    def settle(where: Locations) -> None:
        calls.append(where)
        if len(calls) > 1:
            raise Killed
        real(where)

    return settle


def test_a_name_alone_does_not_make_a_published_version(where: Locations, tmp_path: Path) -> None:
    publish(where, "one")
    (where.versions / ".DS_Store").write_text("x")
    assert kept(where) == {1: "one"}


STRANGERS = {
    "a copy by a file manager": "00000003 (copy).duckdb",
    "a short number": "3.duckdb",
    "a long number": "000000001.duckdb",
    "a name": "backup.duckdb",
    "no note": "00000005.duckdb",
    "a suffix": "00000001.duckdb.bak",
    "other digits": "\u0660\u0660\u0660\u0660\u0660\u0660\u0660\u0663.duckdb",
}


@pytest.mark.parametrize("name", STRANGERS.values(), ids=STRANGERS)
def test_files_of_others_among_the_published_versions_stay(where: Locations, name: str) -> None:
    for content in ("one", "two"):
        publish(where, content)
    (where.versions / name).write_text("theirs")
    assert kept(where) == {1: "one", 2: "two"}
    for number in range(VERSIONS_KEPT + 2):
        publish(where, f"more {number}")
    assert len(kept(where)) == VERSIONS_KEPT
    assert (where.versions / name).read_text() == "theirs"
    rollback(where)
    assert where.published.read_text() == f"more {VERSIONS_KEPT}"
    assert (where.versions / name).read_text() == "theirs"


@pytest.mark.parametrize(
    "make",
    [
        lambda path: path.mkdir(),
        lambda path: path.symlink_to("/etc/hostname"),
        lambda path: path.symlink_to("00000001.duckdb"),
        lambda path: os.mkfifo(path),
    ],
    ids=["folder", "link", "link to a version", "fifo"],
)
@pytest.mark.parametrize("ending", ["duckdb", "json", "pending"])
def test_only_a_regular_file_is_a_published_version(where: Locations, make, ending: str) -> None:
    publish(where, "one")
    make(where.versions / f"00000009.{ending}")
    assert kept(where) == {1: "one"}
    # A number that any name has taken is never given again.
    assert publish(where, "two") == 10
    assert os.path.lexists(where.versions / f"00000009.{ending}")
    assert rollback(where) == 1
