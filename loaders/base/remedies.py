"""The commands that messages recommend: in a clone, make sets up what they need."""

from __future__ import annotations

from loaders.base.paths import IS_CLONE

REFRESH = "make refresh" if IS_CLONE else "enrich refresh-meta"
FIRST_REFRESH = f"{REFRESH} {'ROOT=' if IS_CLONE else ''}~/code"
SET_UP = "make setup" if IS_CLONE else "pip install --force-reinstall meta-collector"
LAND = "python loaders/land.py" if IS_CLONE else "land"
