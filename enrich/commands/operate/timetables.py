"""Texts to paste, with which a scheduler runs a refresh every night, for any path.

A path may contain what a format gives a meaning to, so each format has its own way to write a word.
Programs and logs are words beside the command, never parts of it.
"""

from __future__ import annotations

import os
import plistlib
import re
import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass

# A nightly refresh is not lost to one that a person has started: it follows, for up to an hour.
_REFRESH = "refresh-meta --wait 3600"
# A shell takes the program and the log as $0 and $1; the exit code is that of the program.
_LOGGED = f'exec "$0" {_REFRESH} >> "$1" 2>&1'
_LABEL = "meta-collector"


class NotWritable(Exception):
    """A path that a format cannot express; the message gives the reason."""


@dataclass(frozen=True)
class Nightly:
    """A refresh every day at *hour*:*minute*: its program, its log, the variables that it needs."""

    hour: int
    minute: int
    program: str
    log: str
    variables: Mapping[str, str]


def _word_of_cron(text: str) -> str:
    """Write a word for the shell of cron.

    cron ends a command at `%`, and kinds of cron differ in what they make of a backslash before one
    and of two backslashes. So both are written as numbers.
    """
    raw = os.fsencode(text)
    if raw.endswith(b"\n"):
        raise NotWritable("a name ends with a line break")
    # Bytes that are not UTF-8 are not printable either.
    if text.isprintable() and not re.search(r"[%\\]", text):
        return shlex.quote(text)
    plain = b"/._-abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
    octal = "".join(chr(byte) if byte in plain else f"\\{byte:03o}" for byte in raw)
    return f"\"$(printf '{octal}')\""


def cron(nightly: Nightly) -> str:
    """Return a line for `crontab -e`."""
    variables = "".join(
        f"{name}={_word_of_cron(value)} " for name, value in nightly.variables.items()
    )
    return (
        f"# Paste this line into what `crontab -e` opens.\n"
        f"{nightly.minute} {nightly.hour} * * *  {variables}{_word_of_cron(nightly.program)} "
        f"{_REFRESH} >> {_word_of_cron(nightly.log)} 2>&1\n"
    )


def _word_of_systemd(text: str) -> str:
    """Write a word of a unit file (systemd.service(5), systemd.unit(5)): quoted, escaped as in C.

    `%` begins a specifier, and stays itself if it is doubled.
    """
    escapes = {ord('"'): '\\"', ord("\\"): "\\\\", ord("%"): "%%"}
    return '"{}"'.format(
        "".join(
            escapes.get(byte) or (chr(byte) if 0x20 <= byte < 0x7F else f"\\x{byte:02x}")
            for byte in os.fsencode(text)
        )
    )


def _argument_of_systemd(text: str) -> str:
    """Write a word of a command in a unit file: `$` stays itself if it is doubled."""
    return _word_of_systemd(text).replace("$", "$$")


def systemd(nightly: Nightly) -> str:
    """Return commands that write a service and a timer of the user, and start the timer."""
    words = [_argument_of_systemd(word) for word in (_LOGGED, nightly.program, nightly.log)]
    environment = "".join(
        f"Environment={_word_of_systemd(f'{name}={value}')}\n"
        for name, value in nightly.variables.items()
    )
    service = (
        "[Unit]\nDescription=Refresh of Meta Collector\n\n"
        f"[Service]\nType=oneshot\n{environment}ExecStart=/bin/sh -c {' '.join(words)}\n"
    )
    timer = (
        "[Unit]\nDescription=Refresh of Meta Collector, every night\n\n"
        f"[Timer]\nOnCalendar=*-*-* {nightly.hour:02}:{nightly.minute:02}:00\nPersistent=true\n\n"
        "[Install]\nWantedBy=timers.target\n"
    )
    folder = "~/.config/systemd/user"
    return (
        f"# Paste these commands into a terminal.\nmkdir -p {folder}\n"
        f"{_here(f'{folder}/{_LABEL}.service', service)}"
        f"{_here(f'{folder}/{_LABEL}.timer', timer)}"
        "systemctl --user daemon-reload\n"
        f"systemctl --user enable --now {_LABEL}.timer\n"
        'loginctl enable-linger "$USER"  # also while you are logged out\n'
        f"systemctl --user list-timers {_LABEL}.timer\n"
    )


def launchd(nightly: Nightly) -> str:
    """Return commands that write an agent of the user, and load it."""
    agent = {
        "Label": _LABEL,
        "ProgramArguments": ["/bin/sh", "-c", _LOGGED, nightly.program, nightly.log],
        "EnvironmentVariables": dict(nightly.variables),
        "StartCalendarInterval": {"Hour": nightly.hour, "Minute": nightly.minute},
    }
    try:
        text = plistlib.dumps(agent).decode("utf-8")
    except ValueError as error:
        raise NotWritable(str(error)) from None
    if "\r" in text:
        raise NotWritable("a name has a carriage return")
    file = f"~/Library/LaunchAgents/{_LABEL}.plist"
    return (
        "# Paste these commands into a terminal.\nmkdir -p ~/Library/LaunchAgents\n"
        f"{_here(file, text)}"
        f"launchctl bootout gui/$(id -u)/{_LABEL} 2>/dev/null\n"
        f"launchctl bootstrap gui/$(id -u) {file}\n"
    )


def _here(file: str, text: str) -> str:
    """Return the shell command that writes *text* to *file*."""
    end = "END"
    while end in text.splitlines():
        end += "_"
    return f"cat > {file} <<'{end}'\n{text}{end}\n"


def _word_of_yaml(text: str) -> str:
    """Write a double-quoted scalar of YAML 1.2, which is also one of YAML 1.1."""
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        raise NotWritable("a name is not UTF-8") from None
    return '"{}"'.format("".join(map(_character_of_yaml, text)))


def _character_of_yaml(character: str) -> str:
    if character in '"\\':
        return f"\\{character}"
    if character.isprintable():
        return character
    number = ord(character)
    for letter, digits in (("x", 2), ("u", 4), ("U", 8)):
        if number < 16**digits:
            return f"\\{letter}{number:0{digits}x}"
    raise AssertionError("Unicode ends before")


def github(nightly: Nightly) -> str:
    """Return a workflow for a runner of one's own on this machine."""

    def word(text: str) -> str:
        # `${{` begins an expression, also within a text.
        return _word_of_yaml(text.replace("${{", "${{ '${{' }}"))

    return f"""\
# Save as .github/workflows/meta-collector.yml. It needs a self-hosted runner on this machine, whose
# user owns the data. The time is UTC.
name: Meta Collector
on:
  schedule:
    - cron: "{nightly.minute} {nightly.hour} * * *"
  workflow_dispatch:
permissions: {{}}
concurrency: meta-collector
jobs:
  refresh:
    runs-on: self-hosted
    env:
      ENRICH: {word(nightly.program)}
{_lines(nightly, word, 6)}\
    steps:
      - run: '"$ENRICH" {_REFRESH}'
      - if: always()
        run: '"$ENRICH" status'
"""


def gitlab(nightly: Nightly) -> str:
    """Return a job for a runner of one's own on this machine."""

    def word(text: str) -> str:
        # A variable whose value is not expanded keeps every `$`.
        return f"{{value: {_word_of_yaml(text)}, expand: false}}"

    return f"""\
# Save in .gitlab-ci.yml. It needs a runner with the shell executor and the tag meta-collector on
# this machine, whose user owns the data. Then add a pipeline schedule with this time:
# {nightly.minute} {nightly.hour} * * *
meta-collector:
  tags: [meta-collector]
  rules:
    - if: $CI_PIPELINE_SOURCE == "schedule"
  resource_group: meta-collector
  variables:
    GIT_STRATEGY: none
    ENRICH: {word(nightly.program)}
{_lines(nightly, word, 4)}\
  script:
    - '"$ENRICH" {_REFRESH}'
  after_script:
    - '"$ENRICH" status'
"""


def _lines(nightly: Nightly, word: Callable[[str], str], indent: int) -> str:
    return "".join(
        f"{' ' * indent}{name}: {word(value)}\n" for name, value in nightly.variables.items()
    )


FORMS: Mapping[str, Callable[[Nightly], str]] = {
    "cron": cron,
    "systemd": systemd,
    "launchd": launchd,
    "github": github,
    "gitlab": gitlab,
}
