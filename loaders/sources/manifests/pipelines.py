"""Read the steps of GitHub's workflows, and the hooks of pre-commit.

Formats: "Workflow syntax" of docs.github.com, pre-commit.com. Lines are read, not YAML: that is
enough for the names of steps and programs, and costs little.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from loaders.sources.manifests.command_lines import add_runs
from loaders.sources.manifests.manifest_facts import Manifest
from loaders.sources.manifests.manifest_texts import text_of_file

_LONGEST_LINE = 2000
_JOBS = re.compile(r"(?m)^jobs: *(?:#.*)?\r?$")
_USES = re.compile(r"""(?m)^[ \t]*(?:- +)?uses: +["']?([\w.-]+/[\w./-]+?)(?:@([\w.-]+))?["']?\s""")
_IMAGE = re.compile(r"""(?m)^[ \t]+image: +["']?([\w.-]+(?:/[\w.-]+)*)(?::([\w.-]+))?["']?\s""")
_RUN = re.compile(r"([ \t]*(?:- +)?)run: *(.*)")
_HOOK = re.compile(r"""(?m)^[ \t]*(?:- +)?id: +["']?([\w.-]+)""")
_REPOSITORY = re.compile(r"""(?m)^[ \t]*(?:- +)?repo: +["']?https?://[\w.-]+/([\w./-]+)""")


def read_workflow(raw: bytes) -> Manifest:
    """Read actions, images of jobs, and programs; a file without jobs is not a workflow."""
    manifest = Manifest("github")
    text = text_of_file(raw, errors="replace") + "\n"
    if not _JOBS.search(text):
        return manifest
    manifest.state("section", "jobs")
    for name, version in _USES.findall(text):
        manifest.state("action", name, version or None)
    for name, version in _IMAGE.findall(text):
        manifest.state("image", name, version or None)
    for line in _commands(text):
        add_runs(manifest, line)
    return manifest


def _commands(text: str) -> Iterator[str]:
    """Yield the lines of all `run`, those of blocks too."""
    block: int | None = None
    for line in text.splitlines():
        if len(line) > _LONGEST_LINE:
            continue
        depth = len(line) - len(line.lstrip())
        if block is not None and (depth > block or not line.strip()):
            yield line.strip()
            continue
        block = None
        if found := _RUN.fullmatch(line):
            if found[2][:1] in ("|", ">"):
                block = len(found[1])
            else:
                yield found[2].strip("\"'")


def read_pre_commit(raw: bytes) -> Manifest:
    """Read the hooks by their ids, and the repositories that they are from."""
    manifest = Manifest("pre-commit")
    text = text_of_file(raw, errors="replace")
    for name in _REPOSITORY.findall(text):
        manifest.state("hook", name.removesuffix(".git").rstrip("/"))
    for name in _HOOK.findall(text):
        manifest.state("hook", name)
    return manifest
