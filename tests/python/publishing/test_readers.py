"""Readers never see a half-built file. The large run is by hand; see reader_storm.py."""

from __future__ import annotations

from reader_storm import prepare, storm


def test_readers_of_the_published_file_never_fail_and_never_mix(tmp_path):
    product = prepare(tmp_path)
    calm = storm(product, product.published, readers=2, builds=1)
    assert calm.reads > 3 and calm.versions >= 1
    assert (calm.failed, calm.mixed, calm.failed_builds) == (0, 0, 0), calm.errors

    in_place = product.published.with_name("meta.duckdb.d") / "build" / "meta.duckdb"
    control = storm(product, in_place, readers=1, builds=1)
    # Readers and the builder shut each other out of one file: the second to open it fails.
    assert control.failed + control.failed_builds > 0
