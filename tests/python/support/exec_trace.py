"""Traces a command with strace: its programs, network contacts and writes.

By strace, on Linux only.

By hand, for any command and for the whole refresh:

    python tests/python/support/exec_trace.py FOLDER_THAT_MAY_NOT_RUN COMMAND...
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
_OPENS = ("open", "openat", "openat2")
# Calls that make, change or remove what their paths name: of two paths, both.
_CHANGES = (
    *("creat", "mkdir", "mkdirat", "mknod", "mknodat", "rmdir", "unlink", "unlinkat", "truncate"),
    *("rename", "renameat", "renameat2", "link", "linkat", "symlink", "symlinkat", "utimensat"),
    *("chmod", "fchmod", "fchmodat", "chown", "lchown", "fchown", "fchownat"),
    *("setxattr", "lsetxattr", "fsetxattr", "removexattr", "lremovexattr", "fremovexattr"),
)
_STRING = r'"(?:[^"\\]|\\.)*"'
_EXECVE = re.compile(rf"execve(?:at)?\((?:AT_FDCWD, |\d+, )?({_STRING}), \[(.*?)\](?:\.\.\.)?, ")
_CALL = re.compile(r"(\w+)\((.*)\) += (.*)")
# A path as it was given, with the folder that it starts at; or the path that an open file has.
_FOLDER = r"(?:AT_FDCWD|\d+)<((?:[^>\\]|\\.)*)>"
_PATH = re.compile(rf"(?:{_FOLDER}, )?({_STRING})|{_FOLDER}")
_OPENED = re.compile(r"\d+<((?:[^>\\]|\\.)*)>")
_TO_WRITE = re.compile(r"O_(WRONLY|RDWR|CREAT|TRUNC|TMPFILE)")
_ADDRESS = re.compile(r"(connect|sendto|sendmsg|sendmmsg)\(.*?(sa_family=(AF_\w+).*?)\}")


@dataclass(frozen=True)
class Trace:
    """Argument lists of started programs, each with the path first; addresses; paths.

    `written` has every path that was opened to write, made, changed or removed; it is empty unless
    it was asked for.
    """

    returncode: int
    printed: bytes
    started: list[list[str]] = field(default_factory=list)
    contacted: list[str] = field(default_factory=list)
    written: set[str] = field(default_factory=set)


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
    *,
    with_writes: bool = False,
) -> Trace:
    """Run *command* under strace and keep what it prints.

    Tries that failed count like those that did not.
    """
    calls = ",".join([_CALLS, *_OPENS, *_CHANGES, "chdir", "fchdir"]) if with_writes else _CALLS
    options = ["-y", *_filtered_by_the_kernel()] if with_writes else []
    with tempfile.TemporaryDirectory(prefix="meta-trace-") as folder:
        # One file per thread: no call is cut in two by another.
        # By its path: what is traced may be given a PATH of traps.
        strace = [
            shutil.which("strace") or "strace",
            "-ff",
            "-qq",
            "-s",
            "4096",
            "-e",
            calls,
            "-e",
            "signal=none",
            "-o",
            f"{folder}/t",
            *options,
        ]
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
            lines = file.read_text(errors="replace").splitlines()
            if with_writes:
                trace.written.update(_written(lines))
            for line in lines:
                if match := _EXECVE.match(line):
                    trace.started.append(
                        [_text(match[1]), *map(_text, re.findall(_STRING, match[2]))]
                    )
                elif (match := _ADDRESS.match(line)) and match[3] != "AF_NETLINK":
                    trace.contacted.append(f"{match[1]} {match[2]}")
        return trace


def _filtered_by_the_kernel() -> list[str]:
    """The option that stops a program at the traced calls only, where this strace has it."""
    tried = subprocess.run(
        ["strace", "--seccomp-bpf", "-f", "-o", "/dev/null", "true"], capture_output=True
    )
    return [] if tried.returncode else ["--seccomp-bpf"]


def _written(lines: Sequence[str]) -> Iterator[str]:
    """The paths that the calls of one thread open to write, make, change or remove."""
    here = ""
    for call, arguments, result in (match.groups() for match in map(_CALL.match, lines) if match):
        paths = [
            (_unquoted(folder), _text(given)) if given else ("", _unquoted(opened))
            for folder, given, opened in _PATH.findall(arguments)
        ]
        if "AT_FDCWD<" in arguments:
            here = next((folder for folder, _ in paths if folder), here)
        absolute = [os.path.join(folder or here, path) for folder, path in paths]
        if call in ("chdir", "fchdir") and absolute:
            here = absolute[0]
        elif call in _OPENS and _TO_WRITE.search(arguments):
            opened = _OPENED.match(result)
            yield _unquoted(opened[1]) if opened else os.path.normpath(absolute[0])
        elif call in _CHANGES:
            # The target of a symbolic link is not touched; behind the path of an attribute are its
            # name and value.
            touched = (
                absolute[-1:]
                if call.startswith("symlink")
                else absolute[:1]
                if "xattr" in call
                else absolute
            )
            yield from map(os.path.normpath, touched)


def _unquoted(path: str) -> str:
    """A path as `strace -y` writes it."""
    return _text(f'"{path}"') if "\\" in path else path


def _text(quoted: str) -> str:
    return ast.literal_eval("b" + quoted).decode("utf-8", "backslashreplace")


def below(folder: Path, trace: Trace) -> Iterator[list[str]]:
    """The started programs below *folder*."""
    for command in trace.started:
        if os.path.realpath(command[0]).startswith(f"{os.path.realpath(folder)}/"):
            yield command


if __name__ == "__main__":
    seen = traced(sys.argv[2:], dict(os.environ), with_writes=True)
    sys.stdout.buffer.write(seen.printed)
    first_words = Counter(
        " ".join([program, *words[1:3]])[:120] for program, *words in seen.started
    )
    for words, times in sorted(first_words.items()):
        print(f"{times:6}  {words!r}")
    print("contacted:", seen.contacted or "nobody")
    print("written in:", *sorted(set(map(os.path.dirname, seen.written))), sep="\n    ")
    print("below the folder:", list(below(Path(sys.argv[1]), seen)) or "nothing")
    sys.exit(seen.returncode)
