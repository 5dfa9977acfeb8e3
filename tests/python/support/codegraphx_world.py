"""Builds the workspace of the shared CodeGraphX set again.

Substitute projects on disk, with the set's artifacts beside them.
"""

from __future__ import annotations

import csv
import os
import shutil
from pathlib import Path

import pytest
from product import PROJECT, Product

# The folder beside the checkout; a checkout elsewhere names it.
SHARED = Path(os.environ.get("META_SHARED_DIR", PROJECT.parent / "shared"))
SET = SHARED / "data" / "codegraphx" / "workspace"
# Where the set was made, which its paths begin with.
OLD_PREFIX = "/srv/workspace"


def require_set() -> None:
    """Skip the test if the shared set is missing."""
    if not SET.is_dir():
        pytest.skip(f"needs the shared CodeGraphX set ({SET})")


def rebuild(root: Path) -> None:
    """Make the workspace below *root* from its inventory.

    Each file has its size, and each digest has one content.
    """
    with open(SET / "inventory" / "files_on_disk.tsv", newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    for row in rows:
        path = root / "projects" / row["project_dir"] / row["rel_path"]
        path.parent.mkdir(parents=True, exist_ok=True)
        size = int(row["size"])
        path.write_text((row["sha256"] + "\n") * (size // 65 + 1), encoding="ascii")
        os.truncate(path, size)
    for name in ("codegraphx", "catalog"):
        shutil.copytree(SET / name, root / name)


def land(product: Product, root: Path) -> None:
    """Crawl the projects, and land every artifact and the catalogue by one command."""
    product.crawl(root / "projects")
    product.land(
        "codegraphx", "--map-prefix", f"{OLD_PREFIX}={root}", root / "codegraphx", root / "catalog"
    )
