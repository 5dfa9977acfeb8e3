"""Walk a large tree in processes of its own: if nothing changed, listing takes most of the time.

A process is this module run as a program, for the reasons in `loaders.base.workers`, and ends when
its output is no longer read. It sends packed listings in frames: eight bytes of length, then a list
of tuples by marshal. A frame of length zero marks the end of the walk.
"""

from __future__ import annotations

import gc
import io
import marshal
import os
import pickle
import selectors
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import fields
from operator import attrgetter
from typing import Any, BinaryIO

from loaders.base.paths import PROJECT_ROOT
from loaders.sources.crawl.excludes import Excludes
from loaders.sources.crawl.git_places import Around
from loaders.sources.crawl.walk import Listing, Status, Waiting, list_next

# With fewer directories, starting a process costs more than it saves.
_WORTH_A_PROCESS = 500
_PROCESSES = min(2, os.cpu_count() or 1)
_FRAME_LISTINGS = 200
_LENGTH_BYTES = 8

_columns_of = attrgetter(*(field.name for field in fields(Listing)))


def walk(root: bytes, excludes: Excludes) -> Iterator[Listing]:
    """Yield a listing of *root* and of every directory below it, each before its subdirectories.

    Raises ChildProcessError if a walk process was killed.
    """
    waiting: list[Waiting] = [(root, None, Around())]
    for _ in range(_WORTH_A_PROCESS):
        if not waiting:
            return
        yield from list_next(root, waiting, excludes)
    if waiting:
        yield from _walk_in_processes(root, waiting, excludes)


def _walk_in_processes(
    root: bytes, waiting: list[Waiting], excludes: Excludes
) -> Iterator[Listing]:
    """Share the waiting directories among processes; yield listings in order of arrival."""
    with ExitStack() as stack, selectors.DefaultSelector() as ready:
        for number in range(_PROCESSES):
            process = stack.enter_context(_process())
            _send_task(process, (root, waiting[number::_PROCESSES], excludes))
            assert process.stdout is not None  # it is a pipe
            ready.register(process.stdout, selectors.EVENT_READ, process.stdout)
        while ready.get_map():
            for key, _ in ready.select():
                frame = _receive(key.data)
                if not frame:
                    ready.unregister(key.fileobj)
                for columns in marshal.loads(frame) if frame else ():
                    yield _from_columns(columns)


@contextmanager
def _process() -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "loaders.sources.crawl.walk_process"],
        bufsize=0,  # a selector does not see data in a buffer
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=PROJECT_ROOT,
        # Only the crawl handles an interrupt from the keyboard.
        start_new_session=True,
    )
    assert process.stdout is not None  # it is a pipe
    try:
        yield process
    finally:
        process.kill()
        process.stdout.close()
        process.wait()


def _send_task(process: subprocess.Popen[bytes], task: tuple[Any, ...]) -> None:
    assert process.stdin is not None  # it is a pipe
    try:
        with open(process.stdin.fileno(), "wb", closefd=False) as pipe:
            pickle.dump(task, pipe)
    except BrokenPipeError:
        raise _ended() from None
    finally:
        process.stdin.close()


def _ended() -> ChildProcessError:
    return ChildProcessError("a walk process ended before it was done")


def _receive(pipe: io.RawIOBase) -> bytes:
    """Return the next frame. Raises ChildProcessError if the pipe ends before or within it."""
    length = int.from_bytes(_read_exactly(pipe, _LENGTH_BYTES))
    return _read_exactly(pipe, length)


def _read_exactly(pipe: io.RawIOBase, size: int) -> bytes:
    parts: list[bytes] = []
    while size:
        part = pipe.read(size)
        if not part:
            raise _ended()
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


def _from_columns(columns: tuple[Any, ...]) -> Listing:
    listing = Listing(*columns)
    if listing.excluded_files:
        listing.excluded_files = [
            (name, Status(*found), reason) for name, found, reason in listing.excluded_files
        ]
    return listing


def _to_columns(listing: Listing) -> tuple[Any, ...]:
    # marshal supports tuples, but not subclasses of tuple.
    if listing.excluded_files:
        listing.excluded_files = [
            (name, tuple(found), reason)  # type: ignore[misc]  # plain tuples
            for name, found, reason in listing.excluded_files
        ]
    return _columns_of(listing)


def _send(pipe: BinaryIO, listings: list[Listing]) -> None:
    frame = marshal.dumps([_to_columns(listing) for listing in listings]) if listings else b""
    pipe.write(len(frame).to_bytes(_LENGTH_BYTES) + frame)
    pipe.flush()


def _serve() -> None:
    """Read the task from standard input, walk, and write the listings to standard output."""
    gc.disable()  # nothing here creates reference cycles
    root, waiting, excludes = pickle.load(sys.stdin.buffer)
    listings: list[Listing] = []
    while waiting:
        listings += list_next(root, waiting, excludes)
        if len(listings) >= _FRAME_LISTINGS:
            _send(sys.stdout.buffer, listings)
            listings = []
    if listings:
        _send(sys.stdout.buffer, listings)
    _send(sys.stdout.buffer, [])


if __name__ == "__main__":
    _serve()
