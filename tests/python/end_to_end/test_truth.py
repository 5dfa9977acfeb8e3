"""The published file equals the output of find, sha256sum and git; and the comparison can fail."""

from __future__ import annotations

import os
import shutil
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest
import truth
from git_fixtures import git, make_repository
from product import Product
from replayed_build import build
from worlds import hostile_tree, plant

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def planted(tmp_path_factory) -> tuple[Path, Product]:
    """A world with everything that the comparison knows, crawled and built."""
    base = tmp_path_factory.mktemp("truth")
    root = base / "code"
    plant(root, {"notes.txt": b"loose\n", "hostile": hostile_tree()})
    one = make_repository(root / "one", commits=2)
    plant(
        one,
        {
            "untracked.txt": b"1\n",
            "node_modules": {"x": {"y.js": b"1\n"}},
            "venv": {"pyvenv.cfg": b"", "a": b"1"},
        },
    )
    (one / "src/file 0.txt").unlink()
    git(
        one,
        "commit",
        "-q",
        "--allow-empty",
        "-m",
        "lately",
        GIT_COMMITTER_DATE="2026-02-20T00:00:00Z",
    )
    git(one, "worktree", "add", "-q", "--detach", str(root / "linked"))
    git(root, "init", "-q", "--bare", "bare.git")
    git(root, "init", "-q", "empty")
    make_repository(one / "inner")
    plant(root / "package", {"pyproject.toml": b"[project]\nname='p'\n"})
    product = Product(base / "home", now=NOW.isoformat())
    product.crawl(root)
    build(product)
    return root, product


def _questions(root: Path, product: Product) -> set[str]:
    return set(truth.compare(product, root, "default", NOW).differences)


def test_the_published_file_equals_the_folder(planted):
    root, product = planted
    found = truth.compare(product, root, "default", NOW)
    assert found.differences == {}
    assert found.counts["files"] == found.counts["files_on_disk"] > 50
    assert found.counts["checksums"] > 40
    assert found.counts["repositories"] == 5
    assert found.counts["commits_90d"] == 2
    assert found.counts["tracked_files"] == found.counts["tracked_on_disk"] > 0


@pytest.mark.parametrize(
    ("tampering", "question"),
    [
        ("delete from files where file_path = 'notes.txt'", "is on disk and not in files"),
        (
            "update files set file_path = 'no.txt' where file_path = 'notes.txt'",
            "is in files and not on disk",
        ),
        ("update files set size_bytes = 7 where file_path = 'notes.txt'", "has another size"),
        (
            "update files set sha256 = repeat('0', 64) where file_path = 'notes.txt'",
            "has another sha256",
        ),
        (
            "update files set is_symlink = true where file_path = 'notes.txt'",
            "is wrongly a link or not a link",
        ),
        (
            "update files set is_tracked = true where file_path = 'untracked.txt'",
            "is_tracked is not what the tree of HEAD says",
        ),
        (
            "update files set is_tracked = null where file_path = 'untracked.txt'",
            "is_tracked is not what the tree of HEAD says",
        ),
        (
            "update files set path_bytes = 'x'::blob where path_bytes is not null",
            "path_bytes is not what the text says",
        ),
        (
            "delete from projects where project_name = 'bare.git'",
            "is a repository on disk and no project",
        ),
        (
            (
                "update projects set kind = 'repository', repository_state = 'read' where kind ="
                " 'manifest'"
            ),
            "is a project and no repository on disk",
        ),
    ],
)
def test_a_tampered_file_is_found(planted, tmp_path, tampering, question):
    root, product = planted
    tampered = Product(tmp_path, now=product.now)
    shutil.copy(product.published, tampered.published)
    with duckdb.connect(str(tampered.published)) as db:
        # A view cannot be changed, but what it reads can.
        tampering = tampering.replace(" files ", " internal.int_files__current ")
        assert db.execute(tampering).fetchone()[0] > 0
    assert question in _questions(root, tampered)


def test_a_change_after_the_crawl_is_found(planted, tmp_path):
    root, product = planted
    changed = root / "one/src/file 1.txt"
    before, status = changed.read_bytes(), changed.stat()
    try:
        changed.write_bytes(before.swapcase())
        os.utime(changed, ns=(status.st_atime_ns, status.st_mtime_ns))
        assert _questions(root, product) == {"has another sha256"}
    finally:
        changed.write_bytes(before)


def test_a_later_commit_is_found(planted):
    root, product = planted
    inner = root / "one/inner"
    head = git(inner, "rev-parse", "HEAD").decode()
    try:
        git(
            inner,
            "commit",
            "-q",
            "--allow-empty",
            "-m",
            "x",
            GIT_COMMITTER_DATE="2026-02-21T00:00:00Z",
        )
        assert _questions(root, product) == {"has another HEAD", "has other commits_90d"}
    finally:
        git(inner, "reset", "-q", "--soft", head)
