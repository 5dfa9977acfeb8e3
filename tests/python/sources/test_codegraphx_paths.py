"""Paths of artifacts: one key for each place, whatever system spelt it; prefixes; checkouts."""

from __future__ import annotations

import os
from pathlib import Path

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st

from loaders.base.paths import bytes_of, clean_text, text_of
from loaders.sources.artifacts.path_keys import (
    MappedPrefix,
    PathKeys,
    digest_of,
    parse_path,
    parse_prefix,
)
from loaders.sources.codegraphx.checkouts import checkout_of
from loaders.sources.codegraphx.existence import unmapped_prefixes

SAME = [
    (
        "/srv/app/a.py",
        "/srv//app/./a.py",
        "/srv/x/../app/a.py",
        "/../srv/app/a.py",
        "///srv/app/a.py",
        "/srv/app/a.py/",
    ),
    (
        "c:/users/x/a.py",
        "C:\\Users\\X\\A.py",
        "c:\\users\\x\\a.py",
        "C:/Users/x/a.py",
        "C:/Users\\x/a.py",
        "\\\\?\\C:\\Users\\x\\a.py",
        "//?/c:/users/x/a.py",
        "\\\\.\\c:\\users\\x\\a.py",
        "C:\\Users\\y\\..\\x\\.\\a.py",
        "C:\\..\\Users\\x\\\\a.py\\",
    ),
    ("c:", "C:", "C:\\", "c:/", "\\\\?\\C:\\"),
    (
        "//server/share/a.py",
        "\\\\Server\\Share\\A.py",
        "//SERVER/share/a.py",
        "\\\\?\\UNC\\server\\share\\a.py",
        "\\\\?\\unc\\server\\share\\x\\..\\a.py",
        "\\\\server\\share\\..\\a.py",
    ),
    ("//server/share", "\\\\server\\share", "\\\\SERVER\\share\\"),
    (
        "data/events.jsonl",
        "data\\events.jsonl",
        ".\\data\\events.jsonl",
        "./data//events.jsonl",
        "data/x/../events.jsonl",
    ),
    ("../up", "..\\up", "./../up", "x/../../up"),
    (".", "./", "x/.."),
    ("/",),
    ("/srv/a\\x5cb",),
    ("/srv/a\\x0ab",),
    ("/srv/C:/x",),
    ("/srv/Ä/a.py",),
    ("/srv/ä/a.py",),
    ("c:/ä",),
]
SPELT = {"/srv/a\\x5cb": "/srv/a\\b", "/srv/a\\x0ab": "/srv/a\nb", "c:/ä": "C:\\Ä"}


def key(raw: str) -> str | None:
    return PathKeys([]).of(raw)


@pytest.mark.parametrize("spellings", SAME, ids=lambda spellings: spellings[0])
def test_one_location_has_one_key(spellings: tuple[str, ...]):
    """The first of the spellings is the key."""
    assert {key(SPELT.get(raw, raw)) for raw in spellings} == {spellings[0]}


def test_different_locations_have_different_keys():
    keys = [key(SPELT.get(raw, raw)) for raw, *_ in SAME]
    assert len(set(keys)) == len(SAME)


def test_an_empty_path_has_no_key():
    assert key("") is None and key(None) is None


@given(
    st.lists(
        st.text(
            st.characters(blacklist_categories=["Cs"], blacklist_characters="/\\\0"), min_size=1
        ),
        max_size=5,
    )
)
def test_the_key_of_a_plain_path_is_the_path_of_the_crawl(parts: list[str]):
    path = os.path.normpath("/" + "/".join(parts))
    assert key(path) == text_of(os.fsencode(path))


@given(st.text())
def test_no_key_contains_hidden_characters(raw: str):
    raw = raw.encode("utf-8", "ignore").decode()
    for prefix in ("", "/", "C:\\", "\\\\server\\share\\", "data/"):
        made = key(prefix + raw)
        assert made is None or clean_text(made) == made
        if made and parse_path(prefix + raw).anchor:
            assert "//" not in made[1:] and not made[1:].endswith("/")


# -- prefixes --------------------------------------------------------------------------------------


def mapped(**prefixes: str) -> PathKeys:
    return PathKeys(
        [MappedPrefix(old.replace("_", "/"), os.fsencode(new)) for old, new in prefixes.items()]
    )


def test_a_prefix_maps_whole_components_and_the_longest_counts():
    keys = PathKeys(
        [
            MappedPrefix("/srv", b"/a"),
            MappedPrefix("/srv/work/", b"/b"),
            MappedPrefix("/srv/w", b"/c"),
        ]
    )
    assert keys.of("/srv/work/x.py") == "/b/x.py"
    assert keys.of("/srv/work") == "/b"
    assert keys.of("/srv/worker/x.py") == "/a/worker/x.py"
    assert keys.of("/srv/./work//x.py") == "/b/x.py"
    assert keys.of("/SRV/work/x.py") == "/SRV/work/x.py"
    assert keys.of("/srvx/y") == "/srvx/y"


def test_a_prefix_of_windows_maps_in_any_case_and_keeps_the_case_of_the_rest():
    keys = PathKeys(
        [MappedPrefix("C:\\Users\\X", b"/home/x"), MappedPrefix("\\\\Server\\Share", b"/mnt/share")]
    )
    assert keys.of("c:\\users\\x\\Repo\\A.py") == "/home/x/Repo/A.py"
    assert keys.of("\\\\?\\C:\\USERS\\x/Repo") == "/home/x/Repo"
    assert keys.of("//SERVER/share/Repo/a.py") == "/mnt/share/Repo/a.py"
    assert keys.of("C:\\Users\\Xy\\a.py") == "c:/users/xy/a.py"
    assert PathKeys([MappedPrefix("D:", b"/mnt/d")]).of("d:\\Data\\x") == "/mnt/d/Data/x"


def test_a_prefix_is_given_as_old_and_new(tmp_path: Path):
    (tmp_path / "link").symlink_to(tmp_path, target_is_directory=True)
    prefix = parse_prefix(f"C:\\Users\\X={tmp_path}/link")
    assert (prefix.key, prefix.new) == ("c:/users/x", os.fsencode(tmp_path.resolve()))
    for given_prefix in ("C:\\x", "=x", f"relative={tmp_path}", f"/srv={tmp_path}/none", "/srv="):
        with pytest.raises(click.UsageError, match="map-prefix|empty"):
            parse_prefix(given_prefix)


def test_a_prefix_is_accepted_as_a_message_prints_it(tmp_path: Path):
    keys = [text_of(folder.encode()) + "/app" for folder in ("/srv/a\tb", "/srv/\\x41", "/srv/ä")]
    for key in keys:
        [folder] = unmapped_prefixes([key])
        prefix = parse_prefix(f"{folder}={tmp_path}")
        assert prefix.key == folder
        assert PathKeys([prefix]).of(bytes_of(key).decode()) == f"{tmp_path.resolve()}/app"
    # In a path of Windows, it is a folder.
    assert parse_prefix(f"C:\\x41={tmp_path}").key == "c:/x41"


def test_the_digest_of_prefixes_depends_on_locations_not_on_spellings():
    one, other = MappedPrefix("C:\\x", b"/a"), MappedPrefix("/srv", b"/b")
    assert digest_of([one, other]) == digest_of([other, MappedPrefix("c:/X/", b"/a")])
    assert (
        len({digest_of(some) for some in ([], [one], [other], [MappedPrefix("C:\\x", b"/b")])}) == 4
    )


# -- checkouts -------------------------------------------------------------------------------------


def test_relative_paths_begin_in_the_checkout_that_holds_the_artifact():
    keys = PathKeys([], b"/srv/codegraphx")
    assert (
        keys.of("data/events.jsonl")
        == keys.of("data\\events.jsonl")
        == "/srv/codegraphx/data/events.jsonl"
    )
    assert keys.of("../catalog/x.db") == "../catalog/x.db"
    assert keys.of("/data/x") == "/data/x" and keys.of("C:\\x") == "c:/x"


@pytest.mark.parametrize(
    ("made", "is_one"),
    [
        ("config/default.yaml", True),
        ("scripts/enrichment_backlog.py", True),
        ("pyproject.toml", True),
        ("scripts/other.py", False),
        ("README.md", False),
    ],
)
def test_a_checkout_is_recognised_by_the_folders_beside_its_data(
    world: Path, made: str, is_one: bool
):
    artifact = world / "cgx" / "data" / "chunks" / "chunk_01" / "scan.jsonl"
    for path in (artifact, world / "cgx" / made):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text('[project]\nname = "codegraphx"\n')
    assert checkout_of(os.fsencode(artifact)) == (os.fsencode(world / "cgx") if is_one else None)
    assert checkout_of(os.fsencode(world / "cgx" / "other" / "scan.jsonl")) is None


def test_another_project_is_not_a_checkout(world: Path):
    artifact = world / "app" / "data" / "scan.jsonl"
    artifact.parent.mkdir(parents=True)
    (world / "app" / "pyproject.toml").write_text('[project]\nname = "codegraphx-viewer"\n')
    assert checkout_of(os.fsencode(artifact)) is None


def test_the_innermost_checkout_counts(world: Path):
    inner = world / "data" / "cgx"
    for folder in (world, inner):
        (folder / "config").mkdir(parents=True)
    assert checkout_of(os.fsencode(inner / "data" / "x")) == os.fsencode(inner)
    assert checkout_of(os.fsencode(world / "data" / "x")) == os.fsencode(world)
