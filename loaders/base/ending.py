"""Programs end quietly, with a known code: after a signal, or when their output has no reader.

Standard library only: `prepare` comes before every other import of a program, which may take a
second.
"""

from __future__ import annotations

import atexit
import contextlib
import errno
import io
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from threading import Thread
from types import FrameType
from typing import Any, NoReturn

from loaders.base.exits import EXIT_NO

# The codes by which a shell names a signal: 128 and its number.
EXIT_INTERRUPTED = 130
EXIT_PIPE = 141
_CHECK_SECONDS = 0.5
_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_STREAMS = (
    ("stdin", "standard input"),
    ("stdout", "standard output"),
    ("stderr", "standard error"),
)


class Signalled(KeyboardInterrupt):
    """A signal asked this program to end with the exit code `code`.

    Current work counts as interrupted.
    """

    def __init__(self, number: int) -> None:
        super().__init__(signal.Signals(number).name)
        self.code = 128 + number


_signalled: Signalled | None = None


class _NamedOutput(io.FileIO):
    """An output whose errors name it: the kernel names no file if a write fails."""

    def __init__(self, fd: int, what: str) -> None:
        super().__init__(fd, "w", closefd=False)
        self._what = what

    def write(self, data: Any, /) -> int:
        try:
            return super().write(data)
        except OSError as error:
            if error.errno == errno.EPIPE:
                raise
            raise OSError(error.errno, error.strerror, self._what) from None


def prepare() -> None:
    """Make the streams of this program usable, and let a signal end it immediately until
    `listen` is called.
    """
    for fd, (stream, what) in enumerate(_STREAMS):
        try:
            os.fstat(fd)
        except OSError:
            # The next file that is opened would otherwise become the standard output.
            os.open(os.devnull, os.O_RDWR)
        if fd and getattr(sys, stream) is None:
            setattr(sys, stream, open(fd, "w", closefd=False, encoding="utf-8"))
        elif fd:
            old = getattr(sys, stream)
            buffer = io.BufferedWriter(_NamedOutput(fd, what))
            new = io.TextIOWrapper(
                buffer,
                encoding=old.encoding,
                # A character that the encoding does not have must not end the output in the middle.
                errors="backslashreplace",
                line_buffering=fd == 2 or old.isatty(),
            )
            setattr(sys, stream, new)
        elif sys.stdin is None:
            sys.stdin = open(0, closefd=False, encoding="utf-8")
    _on_signals(_end_at_once)


def listen() -> None:
    """From now on, let a signal interrupt the current work, so that the interruption is recorded. A
    second signal ends the program immediately.
    """
    _on_signals(_raise_signalled)


def _on_signals(handler: Any) -> None:
    for number in _ENDING:
        # A program that was started with nohup continues.
        if signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, handler)


def _end_at_once(number: int, frame: FrameType | None) -> NoReturn:
    os._exit(128 + number)


def _raise_signalled(number: int, frame: FrameType | None) -> NoReturn:
    global _signalled
    _on_signals(_end_at_once)
    _signalled = Signalled(number)
    raise _signalled


def end_with_parent() -> None:
    """From now on, end this program when the process that started it ends, so that no
    program outlives a killed command.
    """
    parent = os.getppid()

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(_CHECK_SECONDS)
        os.kill(os.getpid(), signal.SIGTERM)

    Thread(target=watch, daemon=True).start()


def was_signalled() -> bool:
    """Return whether a signal asked this program to end: DuckDB raises an error of its own if a
    query is interrupted.
    """
    return _signalled is not None


@contextlib.contextmanager
def quietly() -> Iterator[None]:
    """Run a command; an interrupt, an output without a reader and an output on a full disk end it
    with the code for each, after one line at most.

    An OSError that arrives here is about an output: errors about a command's files were reported
    earlier.
    """
    try:
        try:
            yield
        finally:
            # At the end of the program it would be too late to print a line.
            _flush()
    except (KeyboardInterrupt, Exception) as error:
        if not isinstance(error, KeyboardInterrupt) and not was_signalled():
            _leave_for(error)
        _last_words("interrupted")
        leave(_signalled.code if _signalled else EXIT_INTERRUPTED)


def run(command: Callable[[], object]) -> None:
    """Run *command* as the whole program, and end the process with its exit code.

    Threads of Arrow may still be starting at that moment, and a process that destroys them is
    aborted. Python's own exit handlers run, and nothing else is destroyed.
    """
    code: int | str | None = None
    try:
        with quietly():
            command()
    except SystemExit as end:
        code = end.code
    if isinstance(code, str):
        _last_words(code)
    atexit._run_exitfuncs()
    with contextlib.suppress(OSError):
        _flush()
    os._exit(code if isinstance(code, int) else EXIT_NO if code else 0)


def _leave_for(error: Exception) -> NoReturn:
    """End with the code for *error* if it is about an output; raise any other again."""
    if isinstance(error, BrokenPipeError):
        leave(EXIT_PIPE)
    if isinstance(error, OSError):
        _last_words(f"{os.fsdecode(error.filename or 'output')}: {error.strerror or error}")
        leave(EXIT_NO)
    raise error


def _last_words(line: str) -> None:
    with contextlib.suppress(OSError):
        print(line, file=sys.stderr, flush=True)


def leave(code: int) -> NoReturn:
    """End the program with *code*; output that can no longer be written is dropped."""
    for name in ("stdout", "stderr"):
        try:
            getattr(sys, name).flush()
        except OSError:
            # Python flushes once more when it ends, and would complain.
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))
    sys.exit(code)


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
