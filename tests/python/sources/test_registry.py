"""One registry names every source; commands, refresh, remedies and dbt sources are read from it."""

from __future__ import annotations

from collections import Counter

import yaml

from loaders.base.paths import PROJECT_ROOT
from loaders.land import main
from loaders.publishing.describe_sources import described
from loaders.sources import registry
from loaders.zone import schemas
from loaders.zone.tables import TABLES as ZONE_TABLES


def test_dbt_sources_are_what_the_loaders_declare() -> None:
    for path, text in described().items():
        assert (PROJECT_ROOT / path).read_text(encoding="utf-8") == text, (
            f"{path} is old; run: python -m loaders.publishing.describe_sources"
        )


def test_every_landed_table_is_a_dbt_source() -> None:
    tables = Counter(
        table["name"]
        for path in (
            *PROJECT_ROOT.glob("loaders/**/landed.yml"),
            *PROJECT_ROOT.glob("models/**/landed.yml"),
        )
        for table in yaml.safe_load(path.read_text(encoding="utf-8"))["sources"][0]["tables"]
    )
    assert tables == Counter([*registry.DECLARED, "runs", "rejects", "seeds", "own_rules"])


def test_every_landed_column_has_a_text() -> None:
    without = [
        f"{table.name}.{column}"
        for table in registry.DECLARED.values()
        for column in table.schema.names
        if column not in table.texts and column not in registry.RULES[table.name].words
    ]
    assert without == []


def test_every_folder_of_a_source_is_registered() -> None:
    folders = {
        path.parent.name for path in (PROJECT_ROOT / "loaders" / "sources").glob("*/tables.py")
    }
    modules = {
        command.callback.__module__ for source in registry.SOURCES for command in source.commands
    }
    assert modules == {f"loaders.sources.{folder}.source" for folder in folders}


def test_each_table_belongs_to_one_source() -> None:
    owners = Counter(name for source in registry.SOURCES for name in source.tables)
    assert set(owners.values()) == {1} and not owners.keys() & ZONE_TABLES.keys()
    assert registry.TABLES == schemas.TABLES


def test_every_command_of_a_source_is_a_command_of_land() -> None:
    for source in registry.SOURCES:
        assert source.commands
        for command in source.commands:
            assert main.commands[command.name] is command and command.help


def test_only_a_source_can_be_landed_again_in_place_of_a_damaged_file() -> None:
    assert registry.remedy_of("crawl_files").startswith("crawl its roots again")
    assert registry.remedy_of("artifacts").startswith("land its artifacts again")
    assert registry.remedy_of("waiver_events") is None


def test_kinds_of_registered_sources_come_from_the_registry() -> None:
    words = registry.RULES["source_events"].words
    assert words["kind"].split() == list(registry.KINDS) and "root" in registry.KINDS
    assert words["event"] == "added forgotten"
