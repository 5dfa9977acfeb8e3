"""The programs in lines of commands: their first words, and nothing of their arguments."""

from __future__ import annotations

import re
from typing import Any

from loaders.sources.manifests.manifest_facts import Manifest

_LONGEST_LINE = 2000
# `$(NAME)` of make, `${NAME}` of shells: what they are replaced with is not known.
_REFERENCE = re.compile(r"\$\([^()]*\)|\$\{[^{}]*\}|\{\{[^{}]*\}\}")
_SEPARATOR = re.compile(r"&&|\|\||[;|&()]")
_PROGRAM = re.compile(r"[A-Za-z][\w.+-]{0,39}", re.ASCII)
# The second word, if it is a subcommand and not an argument that could be anything.
_SUBCOMMAND = re.compile(r"[a-z]{2,12}(?:-[a-z]{2,12})?|--test", re.ASCII)
# A word before the program: a variable, a runner of programs, or an option of one.
_BEFORE = re.compile(r"[A-Z_][A-Z0-9_]*=\S*|[@-].*", re.ASCII)
_RUNNERS = frozenset(
    "npx bunx sudo env time exec command cross-env dotenv uvx pipx nice xvfb-run".split()
)
_WITH_RUN = frozenset(
    "uv poetry pipenv pdm hatch rye conda pixi npm yarn pnpm bun bundle composer".split()
)
_WORDS_OF_SHELLS = frozenset(
    "if then else elif fi for do done while case esac in echo printf export set cd test exit "
    "return true false local read source unset shift eval trap mkdir rm cp mv cat".split()
)


def add_runs(manifest: Manifest, line: Any) -> None:
    """Add the program, and its subcommand, of each command in *line* as a statement `run`."""
    if not isinstance(line, str) or len(line) > _LONGEST_LINE:
        return
    for part in _SEPARATOR.split(_REFERENCE.sub("$", line)):
        words = part.strip().lstrip("@-").split()
        while words and (words[0] in _RUNNERS or _BEFORE.fullmatch(words[0])):
            words.pop(0)
        _add(manifest, words)
        if len(words) > 2 and words[0] in _WITH_RUN and words[1] in ("run", "exec", "x"):
            rest = words[2:]
            while rest and rest[0].startswith("-"):
                rest.pop(0)
            _add(manifest, rest)
        elif len(words) > 2 and words[0] in ("python", "python3") and words[1] == "-m":
            _add(manifest, words[2:])


def _add(manifest: Manifest, words: list[str]) -> None:
    if not words or "$" in words[0]:
        return
    # `vendor/bin/phpunit` and `./node_modules/.bin/jest` are the program at their end.
    program = words[0].rpartition("/")[2]
    if not _PROGRAM.fullmatch(program) or program in _WORDS_OF_SHELLS:
        return
    second = words[1] if len(words) > 1 and _SUBCOMMAND.fullmatch(words[1]) else None
    manifest.state("run", f"{program} {second}" if second else program)
