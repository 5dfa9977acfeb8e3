"""The program `enrich`: ready for signals and odd streams before it imports what takes a second."""

from __future__ import annotations

import os
import signal

# Before anything else, since every import takes time in which an interrupt may come. Only a program
# imports this.
if signal.getsignal(signal.SIGINT) != signal.SIG_IGN:
    signal.signal(signal.SIGINT, lambda number, frame: os._exit(128 + number))

from loaders.base import ending  # noqa: E402


def main() -> None:
    ending.prepare()
    from enrich.cli import main as command_line

    ending.listen()
    with ending.quietly():
        command_line()


if __name__ == "__main__":
    main()
