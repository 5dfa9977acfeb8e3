"""Each rule has documentation, a test of each verdict, texts, and no hidden number."""

from __future__ import annotations

import re
from pathlib import Path
from statistics import median

import pytest
import yaml
from product import PROJECT

GAPS = PROJECT / "models" / "gaps"
RULES = sorted(path.stem for path in GAPS.glob("gap_*.yml") if path.stem != "gap_findings")
VERDICTS = {"pass", "fail", "not_applicable", "unknown"}
# The values that int_gaps__failing gives to every template.
_COMMON_VALUES = {
    *("title", "rationale", "remedy", "project_id", "project_path", "project_name"),
    *("root_path", "subject", "subject_here", "scan_label", "scan_source"),
}


def _sql(rule: str) -> str:
    return (GAPS / f"{rule}.sql").read_text(encoding="utf-8")


def _yaml(rule: str) -> dict:
    return yaml.safe_load((GAPS / f"{rule}.yml").read_text(encoding="utf-8"))


def _model(rule: str) -> dict:
    [model] = _yaml(rule)["models"]
    return model


def test_a_rule_fits_on_a_screen() -> None:
    lines = [len(_sql(rule).splitlines()) for rule in RULES]
    assert median(lines) <= 40 and max(lines) <= 80, dict(zip(RULES, lines, strict=True))


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_has_example_reason_and_remedy(rule: str) -> None:
    for part in ("**Example.**", "**Reason to flag.**", "**How to remediate.**"):
        assert _model(rule)["description"].count(part) == 1, part


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_has_a_unit_test_of_each_verdict(rule: str) -> None:
    """The documentation of a rule names each verdict that the rule never gives."""
    tested = {
        row["verdict"]
        for unit_test in _yaml(rule).get("unit_tests", [])
        for row in unit_test["expect"]["rows"]
    }
    never = " ".join(re.findall(r"Never [^:]*:", _model(rule)["description"]))
    excused = set(re.findall(r"`(\w+)`", never))
    assert tested | excused == VERDICTS and not tested & excused
    assert set(re.findall(r"'(pass|fail|not_applicable|unknown)'", _sql(rule))) == tested


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_hides_no_number(rule: str) -> None:
    """Numbers are rows of seeds; only 0, lengths of lists and decimal places are in the SQL."""
    sql = re.sub(
        r"--.*|'[^']*'|\[\d+(:\d+)?\]", "", re.sub(r"round\((\w+), \d\)", r"\1", _sql(rule))
    )
    assert set(re.findall(r"(?<![\w.])\d+(?:\.\d+)?(?!\w)", sql)) <= {"0", "1"}


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_names_no_tool(rule: str) -> None:
    assert "CodeGraphX" not in _sql(rule) + _model(rule)["description"]


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_provides_every_value_of_its_texts(rule: str) -> None:
    texts = _model(rule)["config"]["meta"]["texts"]
    templates = [text for text in texts.values() if isinstance(text, str)]
    for situation in texts.get("situations", {}).values():
        templates += situation.values()
    used = {name for text in templates for name in re.findall(r"{(\w+)(?::[\w -]+)?}", text)}
    given = set(re.findall(r"'(\w+)'", _sql(rule)))
    assert used <= given | _COMMON_VALUES


def test_the_list_of_rules_is_the_folder() -> None:
    listed = re.findall(r"'(gap_\w+)',\n", Path(PROJECT / "macros/rule_models.sql").read_text())
    assert sorted(listed) == RULES == sorted(set(listed))
