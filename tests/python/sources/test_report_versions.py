"""The versions of components have the order of their ecosystem."""

from __future__ import annotations

import pytest

from loaders.sources.reports.reading.version_order import order_key


@pytest.mark.parametrize(
    ("ecosystem", "versions"),
    [
        ("python", ["1.0rc1", "1.0", "1.9", "1.10"]),
        ("npm", ["4.17.4", "4.17.21", "10.0.0-beta.2", "10.0.0"]),
        ("go", ["v0.9.0", "v0.10.1", "v1.0.0"]),
        ("composer", ["v6.4.2", "7.0.0"]),
        ("nuget", ["9.0.1", "13.0.1"]),
    ],
)
def test_versions_sort_as_their_ecosystem_orders_them(ecosystem, versions) -> None:
    keys = [order_key(ecosystem, version) for version in versions]
    assert None not in keys
    assert keys == sorted(keys) and len(set(keys)) == len(keys)


@pytest.mark.parametrize(
    ("ecosystem", "version"),
    [
        ("npm", None),
        (None, "1.0.0"),
        ("deb", "1:2.3-1"),
        ("npm", "0.0.0-use.local"),
        ("python", ">=8"),
        ("go", "x" * 9999),
    ],
)
def test_what_is_no_version_has_no_order(ecosystem, version) -> None:
    assert order_key(ecosystem, version) is None
