"""`enrich schedule`: what it prints is pasted here, read as each scheduler reads it, and run."""

from __future__ import annotations

import os
import plistlib
import re
import shlex
import shutil
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from enrich.cli import main as enrich
from enrich.commands.operate.schedule import _KEPT
from enrich.commands.operate.timetables import FORMS, Nightly, NotWritable

ODD = (
    "plain", "a b", "it's", 'q"q', "100%", "a%%b", "$HOME", "`touch x`", "$(touch x)", "b\\s",
    "b\\%s", "b\\\\n", "b\\", "new\nline", "tab\tx", "ünï", "日本", "${{ x }}", "{{ x }}", "-d",
    "a=b", "[x]", "# c", "~", "a;b", "a&b", "END", "%h", "$$x", "\x1b[1m", "\x7f", "\u2028", "😀",
    "[!]*?",
)  # fmt: skip
NOT_UTF8 = os.fsdecode(b"\xff\xfe")
# Replaces enrich: it reports what it was given, and ends with the code for a busy refresh.
TOOL = """#!/bin/sh
printf '%s ' "$@"; printf 'DB<%s>\\n' "$META_DB_PATH"; exit 3
"""


def _nightly(folder: Path, name: str) -> Nightly:
    """Plant the program in a folder called *name*; the log and the data have such names as well."""
    home = folder / f"x{name}x"
    home.mkdir(parents=True)
    program = home / "enrich"
    program.write_text(TOOL)
    program.chmod(0o755)
    return Nightly(2, 5, str(program), str(home / f"log{name}x"), {"META_DB_PATH": f"/{name}x"})


def _has_run(nightly: Nightly, done: subprocess.CompletedProcess[bytes], is_logged: bool) -> None:
    output = Path(nightly.log).read_bytes() if is_logged else done.stdout
    assert done.returncode == 3, done
    assert (
        output
        == b"refresh-meta --wait 3600 DB<" + os.fsencode(nightly.variables["META_DB_PATH"]) + b">\n"
    )


def _run(
    words: Sequence[str], home: Path, variables: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[bytes]:
    environment = {"PATH": f"{home}/bin:/usr/bin:/bin", "HOME": str(home), **(variables or {})}
    return subprocess.run([*words], cwd=home, env=environment, capture_output=True)


def _paste(text: str, home: Path) -> None:
    """Run *text* in a shell whose schedulers do nothing."""
    (home / "bin").mkdir()
    for name in ("systemctl", "loginctl", "launchctl"):
        (home / "bin" / name).symlink_to("/bin/true")
    done = subprocess.run(
        ["sh", "-e"],
        input=os.fsencode(text),
        cwd=home,
        env={"PATH": f"{home}/bin:/usr/bin:/bin", "HOME": str(home), "USER": "me"},
        capture_output=True,
    )
    assert done.returncode == 0, done.stderr


def _read_by_cron(line: str, drops_backslashes: bool) -> str:
    """Return the command of a line as cron passes it to sh: Debian's cron reads a pair of
    backslashes as one, others do not.
    """
    command, is_escaped = "", False
    for character in line.split(None, 5)[5]:
        if is_escaped:
            is_taken = character == "%" or (character == "\\" and drops_backslashes)
            command = command[:-1] + character if is_taken else command + character
            is_escaped = False
            continue
        if character == "%":
            break
        command += character
        is_escaped = character == "\\"
    return command


@pytest.mark.parametrize("name", [*ODD, NOT_UTF8], ids=ascii)
def test_a_line_of_cron_refreshes(tmp_path: Path, name: str) -> None:
    nightly = _nightly(tmp_path, name)
    comment, line, rest = FORMS["cron"](nightly).split("\n")
    assert comment.startswith("#") and rest == "" and line.startswith("5 2 * * *  ")
    for drops_backslashes in (True, False):
        Path(nightly.log).unlink(missing_ok=True)
        done = _run(["sh", "-c", _read_by_cron(line, drops_backslashes)], tmp_path)
        _has_run(nightly, done, is_logged=True)


def test_what_quotes_for_a_shell_alone_is_not_enough_for_cron() -> None:
    for command in (shlex.quote("/100%"), shlex.quote("/b\\\\n")):
        line = f"5 2 * * *  {command}"
        assert {_read_by_cron(line, True), _read_by_cron(line, False)} != {command}


def _words_of_systemd(text: str) -> list[str]:
    """Return the words of a setting of systemd as it reads them: quotes, escapes, specifiers."""
    quoted = re.findall(r'"((?:[^"\\]|\\.)*)"|(\S+)', text)
    escapes = {b"\\": b"\\", b'"': b'"'}
    words = []
    for inside, bare in quoted:
        raw = os.fsencode(inside or bare)
        assert b"%" not in raw.replace(b"%%", b"")
        raw = re.sub(
            rb"\\(x([0-9a-f]{2})|.)",
            lambda match: bytes([int(match[2], 16)]) if match[2] else escapes[match[1]],
            raw,
        )
        words.append(os.fsdecode(raw.replace(b"%%", b"%")))
    return words


@pytest.mark.parametrize("name", [*ODD, NOT_UTF8], ids=ascii)
def test_a_service_of_systemd_refreshes(tmp_path: Path, name: str) -> None:
    nightly = _nightly(tmp_path / "data", name)
    _paste(FORMS["systemd"](nightly), tmp_path)
    units = tmp_path / ".config/systemd/user"
    service = (units / "meta-collector.service").read_text(encoding="ascii")
    settings = dict(line.split("=", 1) for line in service.splitlines() if "=" in line)
    words = _words_of_systemd(settings["ExecStart"])
    assert all("$" not in word.replace("$$", "") for word in words)
    variables = dict(word.split("=", 1) for word in _words_of_systemd(settings["Environment"]))
    done = _run([word.replace("$$", "$") for word in words], tmp_path, variables)
    _has_run(nightly, done, is_logged=True)
    assert "OnCalendar=*-*-* 02:05:00\n" in (units / "meta-collector.timer").read_text()


def test_systemd_accepts_the_units(tmp_path: Path) -> None:
    if shutil.which("systemd-analyze") is None:
        pytest.skip("systemd is not installed")
    nightly = _nightly(tmp_path / "data", 'a b%$\\"\n日')
    _paste(FORMS["systemd"](nightly), tmp_path)
    units = [str(path) for path in (tmp_path / ".config/systemd/user").iterdir()]
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *units], capture_output=True, text=True
    )
    ours = [line for line in done.stderr.splitlines() if "meta-collector" in line]
    assert ours == [], done.stderr
    Path(units[0]).write_text('[Service]\nType=oneshot\nNoSuch=1\nExecStart=/bin/sh "x\n')
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", units[0]], capture_output=True, text=True
    )
    if "NoSuch" not in done.stderr:
        pytest.skip("systemd-analyze cannot verify here")


@pytest.mark.parametrize("name", ODD, ids=ascii)
def test_an_agent_of_launchd_refreshes(tmp_path: Path, name: str) -> None:
    nightly = _nightly(tmp_path / "data", name)
    try:
        text = FORMS["launchd"](nightly)
    except NotWritable:
        assert not name.isprintable()
        return
    (tmp_path / "Library").mkdir()
    _paste(text, tmp_path)
    agent = plistlib.loads((tmp_path / "Library/LaunchAgents/meta-collector.plist").read_bytes())
    assert agent["StartCalendarInterval"] == {"Hour": 2, "Minute": 5}
    done = _run(agent["ProgramArguments"], tmp_path, agent["EnvironmentVariables"])
    _has_run(nightly, done, is_logged=True)


def _of_github(text: str) -> tuple[str, dict[str, str]]:
    job = yaml.safe_load(text)["jobs"]["refresh"]
    # The runner replaces expressions in values.
    plain = {
        name: re.sub(r"\$\{\{ '(.*?)' \}\}", r"\1", value) for name, value in job["env"].items()
    }
    leftover = [re.sub(r"\$\{\{ '.*?' \}\}", "", value) for value in job["env"].values()]
    assert not any("${{" in value for value in leftover)
    return job["steps"][0]["run"], plain


def _of_gitlab(text: str) -> tuple[str, dict[str, str]]:
    job = yaml.safe_load(text)["meta-collector"]
    values = {name: item for name, item in job["variables"].items() if isinstance(item, dict)}
    assert all(item["expand"] is False for item in values.values())
    return job["script"][0], {name: item["value"] for name, item in values.items()}


@pytest.mark.parametrize(
    ("form", "read"), [("github", _of_github), ("gitlab", _of_gitlab)], ids=["github", "gitlab"]
)
@pytest.mark.parametrize("name", ODD, ids=ascii)
def test_a_pipeline_refreshes(
    tmp_path: Path, form: str, read: Callable[[str], tuple[str, dict[str, str]]], name: str
) -> None:
    nightly = _nightly(tmp_path, name)
    text = FORMS[form](nightly)
    script, variables = read(text)
    assert "5 2 * * *" in text
    _has_run(nightly, _run(["bash", "-ec", script], tmp_path, variables), is_logged=False)


@pytest.mark.parametrize("form", ["launchd", "github", "gitlab"])
def test_a_name_that_a_format_cannot_express_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    monkeypatch.setenv("META_DB_PATH", f"/x/{NOT_UTF8}")
    result = CliRunner().invoke(enrich, ["schedule", "--for", form])
    assert result.exit_code == 2 and f"{form} cannot express a path of yours" in result.stderr


def test_the_command_has_absolute_paths_and_the_variables_of_the_shell(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("META_DB_PATH", "here/meta.duckdb")
    monkeypatch.setenv("META_LANDING_DIR", "~/zone")
    monkeypatch.setenv("HOME", "/home/me")
    for name in os.environ.keys() & set(_KEPT) - {"META_DB_PATH", "META_LANDING_DIR"}:
        monkeypatch.delenv(name, raising=False)
    result = CliRunner().invoke(enrich, ["schedule", "--for", "cron", "--at", "4:30"])
    line = result.stdout.splitlines()[1]
    assert line.startswith("30 4 * * *  PATH=/")
    assert f"META_DB_PATH={tmp_path}/here/meta.duckdb META_LANDING_DIR=/home/me/zone /" in line
    assert (
        f"/enrich refresh-meta --wait 3600 >> {tmp_path}/here/meta.duckdb.d/refresh.log 2>&1"
        in line
    )
    assert f"{tmp_path}/here/meta.duckdb.d does not exist yet" in result.stderr
    for wrong in ("24:00", "2:60", "2", "noon"):
        result = CliRunner().invoke(enrich, ["schedule", "--for", "cron", "--at", wrong])
        assert result.exit_code == 2 and "a time of day has the form 02:15" in result.stderr
