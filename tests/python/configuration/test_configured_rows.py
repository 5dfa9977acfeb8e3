"""Rows of the configuration folder: what each fault costs and says, and how rows go over a seed."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import pytest

from loaders.configuration.configured import effective_rows, read_configuration, read_folder
from loaders.configuration.csv_rows import MOST_BYTES
from loaders.configuration.folder import config_folder
from loaders.configuration.forms import forms, seed_rows
from loaders.sources.crawl.excludes import CHECKS, load_excludes

RULE, STALE = "HIGH_CHANGE_NO_TESTS", "PROJECT_STALE_SCAN"


@pytest.fixture
def folder() -> Path:
    path = config_folder()
    assert path is not None
    path.mkdir()
    return path


def _lines(folder: Path, files: Mapping[str, str | bytes]) -> list[str]:
    """Write the files and return the problems, as a person reads them."""
    for name, content in files.items():
        raw = content if isinstance(content, bytes) else content.encode()
        (folder / f"{name}.csv").write_bytes(raw)
    found = read_configuration(CHECKS)
    return [str(problem) for problem in found.problems]


# Seed → header, and each bad row with the line that it gives. A good row is below them.
BAD_ROWS: dict[str, tuple[str, str, dict[str, str]]] = {
    "audit_tools": (
        "tool,looks_only_for_them",
        "our-audit,true",
        {",true": "tool: is empty"},
    ),
    "gap_rules": (
        "gap_type,severity,weight,version,effort",
        f"{RULE},off,,,",
        {
            "NO_SUCH_RULE,low,,,": "gap_type: NO_SUCH_RULE: is not a row of seeds/gap_rules.csv; ",
            f"{STALE},hihg,,,": (
                "severity: hihg: is not allowed; allowed: low, medium, high, critical, off"
            ),
            f"{STALE},,1.5,,": "weight: 1.5: is above 1",
            f"{STALE},,,9,": "version: 9: cannot be changed; it is 2",
            f"{STALE},,,,huge": "effort: huge: is not allowed; allowed: low, medium, high",
            ",low,,,": "gap_type: is empty",
        },
    ),
    "rule_thresholds": (
        "gap_type,threshold,value",
        f"{STALE},max_age_days,7",
        {
            f"{STALE},max_age,7": (
                "threshold: max_age: is not a row of seeds/rule_thresholds.csv; "
                "allowed: max_age_days, stake_high, stake_low"
            ),
            f"{STALE},stake_low,few": "value: few: is not a number, such as 0.5",
            f"{STALE},stake_low,nan": "value: nan: is not a number, such as 0.5",
            f"{STALE},stake_low,1e400": "value: 1e400: is not a number, such as 0.5",
            f"{STALE},stake_low,-1": "value: -1: is below 0",
            f"{STALE},stake_low,1e10": "value: 1e10: is above 1,000,000,000",
            "HIGH_SIZE_LOW_TEST_COVERAGE,min_test_share,2": (
                "value: 2: is above 1, the most of a ratio"
            ),
        },
    ),
    "priority_weights": (
        "name,value",
        "impact_max,60",
        {
            "impact_mx,60": "name: impact_mx: is not a row of seeds/priority_weights.csv; "
            "the nearest: impact_max",
            "freshness_max,9999": "value: 9999: is above 2,000",
        },
    ),
    "health_weights": (
        "term,maximum",
        "grade_a,90",
        {"grade_b,B": "maximum: B: is not a number, such as 0.5"},
    ),
    "exclude_profiles": (
        "profile,kind,pattern,reason",
        "default,gitignore,*.bak,backups",
        {
            "default,regex,x,y": (
                "kind: regex: is not allowed; allowed: gitignore, marker, folder_with"
            ),
            "default,gitignore,!x,y": "negated, empty and comment patterns are not supported; "
            "each row excludes on its own",
            "default,gitignore,x,": "reason: is empty",
        },
    ),
    "waivers": (
        "gap_type,subject_pattern,reason,owner,expires_on",
        "*,*/legacy/*,planned,me,2027-01-31",
        {
            "*,*/a,becuase,me,never": "reason: becuase: is not allowed; allowed: accepted_risk, "
            "false_positive, not_applicable, test_data, planned",
            "*,*/a,planned,,never": "owner: is empty",
            "*,*/a,planned,me,2027-02-30": (
                "expires_on: 2027-02-30: is not a day, such as 2027-01-31, or never"
            ),
            "*,~/a,planned,me,never": "subject_pattern: ~/a: begins with ~, which a pattern does "
            "not expand; write the absolute path",
        },
    ),
    "code_settings": (
        "name,value",
        "max_parameters,7",
        {
            "max_parametres,7": "name: max_parametres: is not a row of seeds/code_settings.csv; "
            "the nearest: max_parameters"
        },
    ),
    "call_confidences": (
        "resolved_via,confidence",
        "name,0.5",
        {"type,2": "confidence: 2: is above 1"},
    ),
    "import_ways": (
        "via,confidence",
        "around,0.5",
        {"beside,2": "confidence: 2: is above 1"},
    ),
    "report_path_ways": (
        "way,confidence",
        "project,0.5",
        {"absolute,2": "confidence: 2: is above 1"},
    ),
    "report_severities": (
        "reported_by,word,severity",
        "mytool,bad,high",
        {
            "mytool,worse,awful": "severity: awful: is not allowed; allowed: low, medium, "
            "high, critical"
        },
    ),
    "role_overrides": (
        "path_pattern,role,decided_on",
        "*/tools/*,fixer,2026-01-31",
        {
            "*/a,boss,2026-01-31": "role: boss: is not allowed; allowed: collector, transformer, "
            "analyzer, reporter, fixer, orchestrator, none",
            "*/a,fixer,31.01.2026": "decided_on: 31.01.2026: is not a day, such as 2027-01-31",
        },
    ),
    "my_identities": (
        "kind,value",
        "email,me@example.org",
        {"mail,x": "kind: mail: is not allowed; allowed: email, name, remote_owner"},
    ),
    "technologies": (
        "technology_name,technology_type,category,rank",
        "Our kit,framework,web,1",
        {
            "Our kit,language,web,1": "technology_type: language: is not allowed; allowed: "
            "framework, tool, runtime"
        },
    ),
    "technology_evidence": (
        "technology_name,technology_type,kind,of_what,pattern,weight",
        "Our kit,framework,dependency,npm,@us/kit,0.9",
        {"Our kit,framework,dependency,npm,@us/kit,2": "weight: 2: is above 1"},
    ),
    "technology_settings": (
        "name,value",
        "min_confidence,0.6",
        {
            "min_confidense,0.6": "name: min_confidense: is not a row of "
            "seeds/technology_settings.csv; allowed: dev_factor, "
        },
    ),
    "project_templates": (
        "identifier,category,version,technologies,files",
        "ours,application,1,Our kit,kit.toml",
        {"ours,application,1,Our kit,": "files: is empty"},
    ),
    "project_labels": (
        "pattern,kind,value",
        "*/pay/*,group,payments",
        {
            "*/pay/*,grp,x": "kind: grp: is not allowed; allowed: group, tag, lifecycle",
            "*/pay/*,lifecycle,dead": "value: dead: is not allowed; allowed: experimental, active, "
            "maintenance, deprecated, archived",
        },
    ),
}


def test_every_configurable_seed_has_bad_rows_here() -> None:
    assert BAD_ROWS.keys() == forms().keys()


@pytest.mark.parametrize("seed", BAD_ROWS)
def test_a_bad_row_costs_that_row_and_says_why(folder: Path, seed: str) -> None:
    header, good, bad = BAD_ROWS[seed]

    lines = _lines(folder, {seed: "\n".join([header, *bad, good]) + "\n"})

    assert len(lines) == len(bad)
    for number, (line, reason) in enumerate(zip(lines, bad.values(), strict=True), 2):
        assert line.startswith(f"{seed}.csv:{number}: {reason}")
    [key] = read_folder(folder, CHECKS).seeds[seed].rows
    assert ",".join(key) in good


GOOD = f"gap_type,threshold,value\n{STALE},max_age_days,7\n"
# How a file is written → its bytes, and the lines about it; None if the good row counts as well.
FILES: dict[str, tuple[bytes, list[str]]] = {
    "as it should be": (GOOD.encode(), []),
    "with a byte order mark": (b"\xef\xbb\xbf" + GOOD.encode(), []),
    "with the line ends of Windows": (GOOD.replace("\n", "\r\n").encode(), []),
    "with the line ends of old Macs": (GOOD.replace("\n", "\r").encode(), []),
    "with comments and blank lines": (f"# why\n\n{GOOD}\n ,,\n # more\n".encode(), []),
    "in another order of columns": (
        f"value, Threshold ,gap_type\n7,max_age_days,{STALE}\n".encode(),
        [],
    ),
    "with empty cells at the end": (GOOD.replace("7\n", "7,,,\n").encode(), []),
    "in UTF-16": (GOOD.encode("utf-16"), ["1: the file is UTF-16; save it as UTF-8"]),
    "with semicolons": (
        GOOD.replace(",", ";").encode(),
        ["1: the columns are separated by semicolons; separate by commas"],
    ),
    "empty": (b"", ["1: has no header"]),
    "without a column of the key": (
        b"gap_type,value\n",
        ["1: the header has no column threshold; it is gap_type,threshold,value,unit,note"],
    ),
    "with the header of another file": (
        b"term,maximum,note\n",
        ["1: the header has no column gap_type; it is that of health_weights.csv"],
    ),
    "with a column twice": (b"gap_type,threshold,threshold\n", ["1: the header names threshold"]),
    "with a column too many": (
        GOOD.replace("value\n", "value,valeu\n").encode(),
        ["1: valeu: no such column, so it is ignored; the columns are: gap_type, threshold, value"],
    ),
    "with a row too long": (
        f"{GOOD}{STALE},stake_low,1,2\n".encode(),
        ["3: has 4 cells, and the header 3"],
    ),
    "with an open quote": (
        GOOD.replace(STALE, f'"{STALE},stake_low,5\n{STALE}').encode(),
        ["2: a quote is not closed in this line"],
    ),
    "with a quote inside": (
        f'{GOOD}{STALE},"stake"_low,1\n'.encode(),
        ["3: a quote is in the middle of a cell"],
    ),
    "with a NUL byte": (
        f"{GOOD}{STALE},stake_low,1\0\n".encode(),
        ["3: has the control character \\x00"],
    ),
    "with bytes of another encoding": (
        f"{GOOD}{STALE},stake_low,1 \xe4\n".encode("latin-1"),
        ["3: is not UTF-8; save the file as UTF-8"],
    ),
    "with a key twice": (
        f"{GOOD}{STALE},max_age_days,9\n".encode(),
        [f"3: has the key of line 2 ({STALE}, max_age_days), which counts"],
    ),
}


@pytest.mark.parametrize("case", FILES)
def test_files_as_people_and_programs_write_them(folder: Path, case: str) -> None:
    raw, expected = FILES[case]

    lines = _lines(folder, {"rule_thresholds": raw})

    assert len(lines) == len(expected)
    for line, start in zip(lines, expected, strict=True):
        assert line.startswith(f"rule_thresholds.csv:{start}")
    counts = "7" if b"max_age_days" in raw and not any(":1: the" in line for line in lines) else ""
    found = read_folder(folder).seeds.get("rule_thresholds")
    assert ([row["value"] for row in found.rows.values()] if found else []) == [*counts]


def test_what_is_not_a_readable_file_is_one_line(folder: Path) -> None:
    os.mkfifo(folder / "waivers.csv")
    (folder / "gap_rules.csv").mkdir()
    (folder / "my_identities.csv").symlink_to("/dev/zero")
    (folder / "project_labels.csv").symlink_to("nowhere")
    (folder / "thresholds.csv").write_text("x")
    (folder / "rule_thresholds.csv").write_bytes(b"a" * (MOST_BYTES + 1))
    (folder / "README.md").write_text("ours")

    lines = _lines(folder, {})

    assert [line.partition("; the files are")[0] for line in lines] == [
        "thresholds.csv: is not a file of the configuration",
        "gap_rules.csv: not a regular file",
        "my_identities.csv: is a symbolic link; put the file itself here",
        "project_labels.csv: is a symbolic link; put the file itself here",
        "rule_thresholds.csv: more than 4,194,304 bytes",
        "waivers.csv: not a regular file",
    ]


def test_a_folder_that_is_none_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "config").write_text("")
    assert [str(one) for one in read_configuration().problems] == [
        f"{tmp_path}/config: Not a directory"
    ]
    (tmp_path / "config").unlink()
    assert read_configuration().problems == []


def test_a_row_changes_what_it_gives_and_keeps_the_rest(folder: Path) -> None:
    _lines(folder, {"gap_rules": f"severity,gap_type,title\nlow,{RULE},\n"})
    before = {row["gap_type"]: row for row in seed_rows("gap_rules")}
    after = {row["gap_type"]: row for row in effective_rows("gap_rules")}
    assert after.keys() == before.keys()
    assert after[RULE] == {
        name: cell or None for name, cell in (before[RULE] | {"severity": "low"}).items()
    }
    assert after[STALE] == before[STALE]


def test_other_rows_are_added(folder: Path) -> None:
    _lines(folder, {seed: f"{header}\n{good}\n" for seed, (header, good, _) in BAD_ROWS.items()})
    for seed, (_, good, _) in BAD_ROWS.items():
        added = len(effective_rows(seed)) - len(seed_rows(seed))
        assert added == (0 if forms()[seed].is_closed else 1), good


def test_the_digest_is_that_of_the_rows(folder: Path) -> None:
    header, row, other = "pattern,kind,value\n", "*/a/*,tag,x\n", "*/b/*,tag,y\n"

    def digest(text: str) -> str:
        _lines(folder, {"project_labels": text})
        return read_folder(folder).seeds["project_labels"].digest

    first = digest(header + row + other)
    assert first == digest(f"# a comment\n{header}{other}{row}") != digest(header + row)


def test_a_crawl_takes_the_configured_patterns_that_are_right(folder: Path) -> None:
    header, good, bad = BAD_ROWS["exclude_profiles"]
    before = load_excludes("default")
    _lines(folder, {"exclude_profiles": "\n".join([header, *bad, good, "own,marker,x,mine"])})
    after = load_excludes("default")
    assert set(after.file_suffixes) - set(before.file_suffixes) == {b".bak"}
    assert after.digest != before.digest
    assert load_excludes("own").markers == {b"x": "mine (x)"}
