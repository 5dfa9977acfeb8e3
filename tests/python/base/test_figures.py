"""Numbers, nouns, sizes and ages in words."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import pytest

from loaders.base import figures


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (0, "0"), (1234567, "1,234,567"), (-1234, "-1,234"), (0.00666667, "0.007"), (2.0, "2"),
        (Decimal("1234.500"), "1,234.5"), (-0.0001, "0"), (float("nan"), "-"), (float("inf"), "-"),
    ],
)  # fmt: skip
def test_a_number_has_thousands_and_three_decimals(given, expected) -> None:
    assert figures.number(given) == expected


@pytest.mark.parametrize(
    ("count", "noun", "expected"),
    [
        (0, "file", "0 files"), (1, "file", "1 file"), (2000, "file", "2,000 files"),
        (1, "repository", "1 repository"), (2, "repository", "2 repositories"),
        (3, "day", "3 days"),
        (2, "branch", "2 branches"), (2, "test line", "2 test lines"),
    ],
)  # fmt: skip
def test_a_noun_follows_its_number(count, noun, expected) -> None:
    assert figures.counted(count, noun) == expected


def test_an_irregular_plural_is_given() -> None:
    assert figures.counted(2, "person", "people") == "2 people"


@pytest.mark.parametrize(
    ("ratio", "expected"),
    [(0, "0 %"), (0.001, "less than 1 %"), (0.5, "50 %"), (0.999, "99 %"), (1, "100 %")],
)
def test_only_all_is_100_percent_and_only_none_is_0(ratio, expected) -> None:
    assert figures.percent(ratio) == expected


@pytest.mark.parametrize(
    ("count", "expected"),
    [
        (0, "0 bytes"), (1, "1 byte"), (999, "999 bytes"), (1000, "1 kB"), (999_600, "1 MB"),
        (141_000_000, "141 MB"), (2_500_000_000_000, "2.5 TB"),
    ],
)  # fmt: skip
def test_a_size_is_in_its_largest_unit(count, expected) -> None:
    assert figures.size(count) == expected


def test_an_age_is_in_its_largest_unit_and_never_negative(monkeypatch) -> None:
    monkeypatch.setenv("META_NOW", "2026-03-02T12:00:00")
    for moment, expected in {
        datetime(2026, 1, 21, 12): "40 days",
        datetime(2026, 3, 1, 12): "1 day",
        datetime(2026, 3, 2, 10, 30): "1 hour",
        datetime(2026, 3, 2, 11, 58): "2 minutes",
        datetime(2026, 3, 2, 11, 59, 30): "less than a minute",
        datetime(2026, 3, 3): "less than a minute",
    }.items():
        assert figures.age(moment) == expected
