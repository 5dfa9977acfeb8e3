"""Every Python process of a tortured product loads this; the product itself has no part in it.

TORTURE holds JSON: `role`, words that the command line of the process meant holds, and either
`under`, a command to run that process under, or the audit hook's orders: `folders` that it watches,
`log`, where it writes each change before it happens, and `kill_at`, the number of the change at
which the process dies; or `keep`, where to write its standard input before it ends.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from typing import Any

_CHANGES = {"os.link", "os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.truncate"}


def _watch(folders: list[str], log: str, kill_at: int) -> None:
    seen = 0

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        nonlocal seen
        is_change = event in _CHANGES or (
            event == "open" and arguments[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC)
        )
        paths = [
            os.fsdecode(path)
            for path in arguments[:2]
            if isinstance(path, str | bytes | os.PathLike)
        ]
        if not is_change or not any(path.startswith(tuple(folders)) for path in paths):
            return
        seen += 1
        line = f"{event} {paths[0]}\n".encode("utf-8", "backslashreplace")
        folders_now = folders[:]
        folders.clear()  # The following changes are this module's own.
        with open(log, "ab") as file:
            file.write(line)
        folders[:] = folders_now
        if seen == kill_at:
            os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hook)


def _obey(orders: dict[str, Any]) -> None:
    if "keep" in orders:
        with open(orders["keep"], "wb") as file:
            file.write(sys.stdin.buffer.read())
        os._exit(1)
    if "under" in orders:
        del os.environ["TORTURE"]
        command = [*orders["under"], sys.executable, *sys.orig_argv[1:]]
        os.execvp(command[0], command)
    _watch(orders["folders"], orders["log"], orders["kill_at"])


_orders = json.loads(os.environ.get("TORTURE", "{}"))
if _orders and _orders["role"] in " ".join(sys.orig_argv):
    _obey(_orders)
