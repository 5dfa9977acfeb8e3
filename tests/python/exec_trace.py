"""Which programs a command starts and whom it contacts, as the kernel saw it (strace, Linux only).

By hand, for any command and for the whole refresh:

    python tests/python/exec_trace.py FOLDER_THAT_MAY_NOT_RUN COMMAND...
"""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

_CALLS = "trace=execve,execveat,connect,sendto,sendmsg,sendmmsg"
_STRING = r'"(?:[^"\\]|\\.)*"'
_EXECVE = re.compile(rf"execve(?:at)?\((?:AT_FDCWD, |\d+, )?({_STRING}), \[(.*?)\](?:\.\.\.)?, ")
_ADDRESS = re.compile(r"(connect|sendto|sendmsg|sendmmsg)\(.*?(sa_family=(AF_\w+).*?)\}")


@dataclass(frozen=True)
class Trace:
    """What happened: argument lists of started programs, each with the path first; addresses."""

    returncode: int
    printed: bytes
    started: list[list[str]] = field(default_factory=list)
    contacted: list[str] = field(default_factory=list)


def reason_not_to_trace() -> str | None:
    """Why nothing can be traced here, or None."""
    if shutil.which("strace") is None:
        return "strace is not installed"
    tried = subprocess.run(["strace", "-f", "-qq", "-o", "/dev/null", "true"], capture_output=True)
    return "ptrace is not permitted" if tried.returncode else None


def traced(
    command: Sequence[str | os.PathLike[str]],
    environment: Mapping[str, str] | None = None,
    cwd: Path | None = None,
) -> Trace:
    """Run *command* under strace and keep what it prints; tries that failed count like those that did not."""
    with tempfile.TemporaryDirectory(prefix="meta-trace-") as folder:
        # One file per thread: no call is cut in two by another.
        strace = ["strace", "-ff", "-qq", "-s", "4096", "-e", _CALLS, "-e", "signal=none", "-o", f"{folder}/t"]
        words = [os.fspath(word) for word in command]
        done = subprocess.run(
            [*strace, *words],
            env=environment,
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        trace = Trace(done.returncode, done.stdout)
        for file in sorted(Path(folder).iterdir()):
            for line in file.read_text(errors="replace").splitlines():
                if match := _EXECVE.match(line):
                    trace.started.append([_text(match[1]), *map(_text, re.findall(_STRING, match[2]))])
                elif (match := _ADDRESS.match(line)) and match[3] != "AF_NETLINK":
                    trace.contacted.append(f"{match[1]} {match[2]}")
        return trace


def _text(quoted: str) -> str:
    return ast.literal_eval("b" + quoted).decode("utf-8", "backslashreplace")


def below(folder: Path, trace: Trace) -> Iterator[list[str]]:
    """The started programs that lie below *folder*."""
    for command in trace.started:
        if os.path.realpath(command[0]).startswith(f"{os.path.realpath(folder)}/"):
            yield command


if __name__ == "__main__":
    seen = traced(sys.argv[2:], dict(os.environ))
    sys.stdout.buffer.write(seen.printed)
    first_words = Counter(" ".join([program, *words[1:3]])[:120] for program, *words in seen.started)
    for words, times in sorted(first_words.items()):
        print(f"{times:6}  {words!r}")
    print("contacted:", seen.contacted or "nobody")
    print("below the folder:", list(below(Path(sys.argv[1]), seen)) or "nothing")
    sys.exit(seen.returncode)
