"""The program `enrich`. It handles signals and odd streams before its slow imports."""

from __future__ import annotations

import os
import signal

# First of all, because an interrupt may come during any import. Only a program imports this module.
if signal.getsignal(signal.SIGINT) != signal.SIG_IGN:
    signal.signal(signal.SIGINT, lambda number, frame: os._exit(128 + number))

from loaders.base import ending


def main() -> None:
    ending.prepare()
    from enrich.cli import main as command_line

    ending.listen()
    ending.run(command_line)


if __name__ == "__main__":
    main()
