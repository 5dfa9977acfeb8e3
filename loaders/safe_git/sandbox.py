"""Run git on the objects of an untrusted repository, in a sandbox.

GIT_DIR is a private, empty repository written by this module; only the object directory is that of
the untrusted repository. Its config, hooks, attributes, grafts, replacements and mailmaps are
therefore not in force. The environment is built from scratch, there is no network (if `unshare`
works), time, memory, files and output are limited, and the process group can be killed. The caller
chooses the commands and flags; object ids and paths are passed on stdin, never as arguments.
"""

from __future__ import annotations

import errno
import os
import selectors
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from loaders.base import programs

_READ_BYTES = 1 << 18
_STDERR_BYTES = 16 * 1024
_PROBE_SECONDS = 5.0

# Packs are mapped in windows, so that packs of any size fit into the limit on address space.
# Commit graphs and multi-pack indexes are caches that could contradict the objects.
_CONFIG = """[core]
\trepositoryformatversion = 1
\tbare = true
\tcommitGraph = false
\tmultiPackIndex = false
\tpackedGitWindowSize = 32m
\tpackedGitLimit = 512m
\tbigFileThreshold = 1m
[extensions]
\tobjectformat = {object_format}
"""
# `$1` is CPU seconds; 4 GiB of address space, which macOS does not limit; no file may be written.
_LIMITS = (
    "ulimit -c 0; ulimit -f 0; ulimit -t $1 || :; "
    'ulimit -v 4194304 2>/dev/null || :; shift; exec "$@"'
)
# Parts of the messages of git 2.39 for a missing object, under LC_ALL=C.
_MISSING_WORDS = (
    b"bad object",
    b"not a tree object",
    b"not read",
    b"unable to read",
    b"missing",
    b"traverse",
)
_GIT_OPTIONS = ("--no-pager", "--literal-pathspecs", "--no-replace-objects")
# `check-ignore` refuses `--literal-pathspecs`; it does not expand its paths either.
_WORK_TREE_OPTIONS = ("--no-pager", "--no-replace-objects", "-c", "core.bare=false")


@dataclass(frozen=True)
class Outcome:
    """How a git process ended. `problem` is None after success."""

    problem: str | None  # timeout, output_limit, objects_missing, objects_corrupt, git_failed: …
    stderr: bytes


class GitSandbox:
    """A private directory of empty repositories. A context manager; thread-safe."""

    def __init__(self) -> None:
        self.git = _program("git")
        self.isolation = _network_isolation()
        self._home = ""

    def __enter__(self) -> GitSandbox:
        # If this fails (a full disk), each session raises; facts that do not need git still land.
        with suppress(OSError):
            self._home = tempfile.mkdtemp(prefix="meta-collector-git-")
        return self

    def __exit__(self, *_: object) -> None:
        if self._home:
            shutil.rmtree(self._home, ignore_errors=True)

    @contextmanager
    def session(self, object_format: str, objects: bytes, timeout_s: float) -> Iterator[GitSession]:
        """Yield a session for one object directory; its processes share `timeout_s` seconds.

        Raises OSError if there is no temporary directory.
        """
        if not self._home:
            raise OSError(errno.ENOSPC, "no temporary directory")
        git_dir = Path(tempfile.mkdtemp(dir=self._home))
        try:
            for name in ("objects", "refs"):
                (git_dir / name).mkdir()
            (git_dir / "HEAD").write_text("ref: refs/heads/none\n")
            (git_dir / "config").write_text(_CONFIG.format(object_format=object_format))
            yield GitSession(self, git_dir, objects, time.monotonic() + timeout_s)
        finally:
            shutil.rmtree(git_dir, ignore_errors=True)

    @contextmanager
    def folder(self) -> Iterator[Path]:
        """Yield a private, empty folder. Raises OSError if there is no temporary directory."""
        if not self._home:
            raise OSError(errno.ENOSPC, "no temporary directory")
        folder = Path(tempfile.mkdtemp(dir=self._home))
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    @contextmanager
    def work_tree_session(self, timeout_s: float, attributes: bytes = b"") -> Iterator[GitSession]:
        """Yield a session without objects, for `run_in`, with these `info/attributes`.

        Raises OSError, as `folder` does.
        """
        with self.folder() as nothing, self.session("sha1", bytes(nothing), timeout_s) as session:
            if attributes:
                session.add_attributes(attributes)
            yield session


class GitSession:
    """Runs git commands on one object directory."""

    def __init__(self, sandbox: GitSandbox, git_dir: Path, objects: bytes, deadline: float) -> None:
        self._sandbox = sandbox
        self._git_dir = git_dir
        self._deadline = deadline
        self._environment = _environment(git_dir, objects)

    def cut_history_at(self, commits: Iterable[str]) -> None:
        """Make git ignore the parents of these commits (`shallow`, gitrepository-layout(5))."""
        with (self._git_dir / "shallow").open("a") as file:
            file.writelines(f"{oid}\n" for oid in commits)

    def add_attributes(self, text: bytes) -> None:
        """Give the repository `info/attributes` (gitattributes(5))."""
        (self._git_dir / "info").mkdir()
        (self._git_dir / "info" / "attributes").write_bytes(text)

    def set_timeout(self, seconds: float) -> None:
        """Limit all further commands together to this many seconds."""
        self._deadline = time.monotonic() + seconds

    def run(
        self,
        arguments: tuple[str, ...],
        oids: Iterable[str],
        on_output: Callable[[bytes], object],
        max_bytes: int,
    ) -> Outcome:
        """Run `git <arguments>` with `oids` as lines of stdin; pass its output to `on_output`.

        Kills the process at the deadline and after `max_bytes` of output. A failure of git is
        returned, never raised.
        """
        lines = "".join(f"{oid}\n" for oid in oids).encode()
        return self._run((*_GIT_OPTIONS, *arguments), lines, on_output, max_bytes)

    def run_on(
        self,
        given: bytes,
        arguments: tuple[str, ...],
        on_output: Callable[[bytes], object],
        max_bytes: int,
    ) -> Outcome:
        """Run `git <arguments>` as `run` does, with *given* as stdin."""
        return self._run((*_GIT_OPTIONS, *arguments), given, on_output, max_bytes)

    def run_on_index(
        self,
        files: Mapping[str, bytes],
        arguments: tuple[str, ...],
        on_output: Callable[[bytes], object],
        max_bytes: int,
    ) -> Outcome:
        """Run `git <arguments>` as `run` does, on a private copy of an index.

        *files* is name → content of `index` and, if it is split, of the file that it shares.
        """
        for name, content in files.items():
            (self._git_dir / name).write_bytes(content)
        copy = {"GIT_INDEX_FILE": str(self._git_dir / "index")}
        return self._run((*_GIT_OPTIONS, *arguments), b"", on_output, max_bytes, None, copy)

    def run_in(
        self,
        work_tree: Path,
        arguments: tuple[str, ...],
        paths: bytes,
        on_output: Callable[[bytes], object],
        max_bytes: int,
    ) -> Outcome:
        """Run `git <arguments>` as `run` does, in a private *work_tree*, with *paths* as stdin."""
        tree = {"GIT_WORK_TREE": str(work_tree)}
        options = (*_WORK_TREE_OPTIONS, *arguments)
        return self._run(options, paths, on_output, max_bytes, work_tree, tree)

    def _run(
        self,
        arguments: tuple[str, ...],
        given: bytes,
        on_output: Callable[[bytes], object],
        max_bytes: int,
        folder: Path | None = None,
        more: Mapping[str, str] | None = None,
    ) -> Outcome:
        git = self._sandbox.git
        if git is None:
            return Outcome("git_not_installed", b"")
        # More CPU time than the deadline leaves, so that the deadline always comes first.
        seconds = max(0, int(self._deadline - time.monotonic())) + 2
        limits = ("/bin/sh", "-c", _LIMITS, "sh", str(seconds))
        command = (*limits, *self._sandbox.isolation, git, *arguments)
        with tempfile.TemporaryFile(dir=self._git_dir) as lines:
            lines.write(given)
            lines.seek(0)
            process = subprocess.Popen(
                command,
                stdin=lines,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env={**self._environment, **(more or {})},
                cwd=folder or self._git_dir,
                start_new_session=True,
            )
            return _wait(process, on_output, self._deadline, max_bytes)


def _wait(
    process: subprocess.Popen[bytes],
    on_output: Callable[[bytes], object],
    deadline: float,
    max_bytes: int,
) -> Outcome:
    """Read both pipes until the process ends, or kill its whole process group."""
    stderr = bytearray()
    try:
        problem = _drain(process, on_output, stderr, deadline, max_bytes)
        if problem is None:
            process.wait(max(0.0, deadline - time.monotonic()))
            problem = _problem(process.returncode, bytes(stderr))
    except subprocess.TimeoutExpired:
        problem = "timeout"
    finally:
        if process.returncode is None:  # not reaped, so the id was not reused
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        for pipe in (process.stdout, process.stderr):
            pipe.close()  # type: ignore[union-attr]
    return Outcome(problem, bytes(stderr))


def _drain(
    process: subprocess.Popen[bytes],
    on_output: Callable[[bytes], object],
    stderr: bytearray,
    deadline: float,
    max_bytes: int,
) -> str | None:
    """Pass stdout on and keep the beginning of stderr; return the reason for an early stop."""
    total = 0
    with selectors.DefaultSelector() as selector:
        selector.register(process.stdout, selectors.EVENT_READ)  # type: ignore[arg-type]
        selector.register(process.stderr, selectors.EVENT_READ)  # type: ignore[arg-type]
        while selector.get_map():
            ready = selector.select(max(0.0, deadline - time.monotonic()))
            if time.monotonic() >= deadline:
                return "timeout"
            for key, _ in ready:
                piece = os.read(key.fd, _READ_BYTES)
                if not piece:
                    selector.unregister(key.fileobj)
                elif key.fileobj is process.stderr:
                    stderr += piece[: max(0, _STDERR_BYTES - len(stderr))]
                else:
                    total += len(piece)
                    if total > max_bytes:
                        return "output_limit"
                    on_output(piece)
    return None


def _problem(code: int, stderr: bytes) -> str | None:
    """Return a short word for an exit status, without git's text: it may quote the repository."""
    if code == 0:
        return None
    if code < 0:
        return f"git_failed: signal {-code}"
    if b"out of memory" in stderr.lower() or b"mmap failed" in stderr:
        return "memory_limit"
    if any(word in stderr for word in (b"corrupt", b"inflate", b"hash mismatch")):
        return "objects_corrupt"
    if any(word in stderr for word in _MISSING_WORDS):
        return "objects_missing"
    return f"git_failed: exit {code}"


def _environment(git_dir: Path, objects: bytes) -> dict[str, str | bytes]:
    """Return the whole environment of git. The caller's GIT_* and LD_* are not inherited."""
    return {
        "PATH": programs.usual_path(),
        "LC_ALL": "C",
        "HOME": "/nonexistent",
        "GIT_DIR": str(git_dir),
        "GIT_OBJECT_DIRECTORY": objects,
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_CONFIG_GLOBAL": "/dev/null",
        "GIT_ATTR_NOSYSTEM": "1",
        "GIT_NO_LAZY_FETCH": "1",
        "GIT_NO_REPLACE_OBJECTS": "1",
        "GIT_ALLOW_PROTOCOL": "none",
        "GIT_OPTIONAL_LOCKS": "0",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_ASKPASS": "/bin/false",
        "GIT_SSH_COMMAND": "/bin/false",
    }


def _program(name: str) -> str | None:
    return programs.find(name, usual_first=True)


def _network_isolation() -> tuple[str, ...]:
    """Return the command prefix that removes the network, or () if the system forbids it."""
    unshare = _program("unshare")
    if unshare is None:
        return ()
    prefix = (unshare, "-n") if os.geteuid() == 0 else (unshare, "-rn")
    command = (*prefix, "/bin/sh", "-c", ":")
    try:
        path = {"PATH": programs.usual_path()}
        probe = subprocess.run(command, capture_output=True, env=path, timeout=_PROBE_SECONDS)
    except (OSError, subprocess.TimeoutExpired):
        return ()
    return prefix if probe.returncode == 0 else ()
