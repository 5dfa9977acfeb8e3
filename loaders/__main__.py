"""The program `land`: `loaders/land.py` as it is installed. It handles signals before its slow
imports.
"""

from __future__ import annotations

from loaders.base import ending


def main() -> None:
    ending.prepare()
    from loaders.land import main as command_line

    ending.listen()
    ending.run(command_line)


if __name__ == "__main__":
    main()
