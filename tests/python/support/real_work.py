"""The projects of Mira Example, as the crowded workspace of real_workspace.py has them."""

from __future__ import annotations

import shutil
from pathlib import Path

from git_fixtures import git
from golden import write
from worlds import plant

MIRA = ("Mira Example", "mira@example.org")
_MIRA_BEFORE = ("M. Example", "mira@old.example.net")
_BOT = ("dependabot[bot]", "49699333+dependabot[bot]@users.noreply.github.com")
_FUTURE = "2099-01-01T00:00:00Z"
DATES = {
    "GIT_AUTHOR_DATE": "2026-09-01T12:00:00Z",
    "GIT_COMMITTER_DATE": "2026-09-01T12:00:00Z",
}


def commit(
    folder: Path,
    message: str,
    day: str,
    who: tuple[str, str] = MIRA,
    *,
    at: str | None = None,
) -> None:
    """Commit everything in *folder* at noon of a day."""
    name, email = who
    when = at or f"{day}T12:00:00Z"
    git(folder, "add", "--all")
    git(
        folder,
        *("commit", "--quiet", "--allow-empty", "--message", message),
        GIT_AUTHOR_NAME=name,
        GIT_AUTHOR_EMAIL=email,
        GIT_AUTHOR_DATE=when,
        GIT_COMMITTER_NAME=name,
        GIT_COMMITTER_EMAIL=email,
        GIT_COMMITTER_DATE=when,
    )


def lines(count: int, word: str) -> str:
    return "".join(f"{word}_{number} = {number}\n" for number in range(count))


def build_work(folder: Path, root: Path, pinned: Path) -> None:
    """Make Mira's own projects below `work`, and loose files.

    *folder* has the public repositories, *pinned* is a clone of one at a known commit.
    """
    work = root / "work"
    _tidy(folder, work / "tidy")
    _shop(work / "shop")
    _notes(work / "notes")
    _proto(work / "proto")
    _analysis(work / "analysis")
    _small_ones(work)
    _site(pinned, work / "site")
    _plain_folders(root)


def start(repository: Path, remote: str | None = None) -> Path:
    repository.mkdir(parents=True)
    git(repository, "init", "--quiet")
    if remote:
        git(repository, "remote", "add", "origin", remote)
    return repository


def _tidy(folder: Path, repository: Path) -> None:
    """A tool with a vendored library, a mailmap, many commits of a bot, and two not pushed."""
    start(repository, "git@github.com:mira-example/tidy.git")
    write(repository / "pyproject.toml", _TIDY)
    write(repository / "README.md", "# tidy\n\nTidies folders.\n")
    write(repository / "LICENSE", (folder / "docopt/LICENSE-MIT").read_text(encoding="utf-8"))
    write(repository / "src/tidy/__init__.py", lines(120, "setting"))
    write(repository / "src/tidy/walk.py", _WALK)
    write(repository / "tests/test_walk.py", _TEST_WALK)
    write(repository / ".github/workflows/ci.yml", "on: push\njobs: {}\n")
    write(repository / ".gitignore", "dist/\n.env\n__pycache__/\n")
    commit(repository, "Begin", "2025-01-10", _MIRA_BEFORE)
    vendored = repository / "src/tidy/_vendor/docopt.py"
    vendored.parent.mkdir()
    shutil.copyfile(folder / "docopt/docopt.py", vendored)
    write(vendored.parent / "__init__.py", "")
    commit(repository, "Vendor docopt", "2025-01-11", _MIRA_BEFORE)
    for number in range(12):
        write(repository / "requirements.txt", f"attrs==23.{number}.0\nclick>=8\n")
        commit(repository, f"Bump attrs to 23.{number}.0", f"2025-03-{number + 10}", _BOT)
    write(repository / ".mailmap", f"{MIRA[0]} <{MIRA[1]}> <{_MIRA_BEFORE[1]}>\n")
    commit(repository, "Map the old address", "2026-08-01")
    git(repository, "update-ref", "refs/remotes/origin/main", "HEAD")
    git(repository, "config", "branch.main.remote", "origin")
    git(repository, "config", "branch.main.merge", "refs/heads/main")
    git(repository, "symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/main")
    for number in (1, 2):
        write(repository / f"src/tidy/step_{number}.py", lines(20, f"step_{number}"))
        commit(repository, f"Add step {number}", f"2026-09-0{number}")
    write(repository / "src/tidy/draft.py", "todo = 1\n")


_TIDY = """[project]
name = "tidy"
version = "1.4.0"
dependencies = ["click>=8", "requests==2.19.1"]

[project.optional-dependencies]
web = ["flask==0.12"]
"""
_WALK = '''"""Walk folders and collect what is in them."""

import os


def walk(root):
    for folder, _, files in os.walk(root):
        for name in files:
            yield os.path.join(folder, name)
'''
_TEST_WALK = """from tidy.walk import walk


def test_walk(tmp_path):
    (tmp_path / "a").write_text("1")
    assert len(list(walk(tmp_path))) == 1
"""


def _shop(repository: Path) -> None:
    """A web project with secrets, ignored build output and committed built pages."""
    start(repository, "https://github.com/mira-example/shop.git")
    write(repository / ".gitignore", "dist/\nnode_modules/\n.env\ncoverage/\n")
    write(repository / "package.json", _SHOP)
    write(repository / "README.md", "# shop\n")
    write(repository / "src/cart.ts", "export const cart: string[] = [];\n" * 200)
    write(repository / "src/api.mts", "export const api: number = 1;\n" * 50)
    write(repository / "src/cart.test.ts", "test('cart', () => {});\n" * 120)
    write(repository / "locale/app_de.ts", _TRANSLATION)
    write(repository / ".env.example", "TOKEN=\n")
    page = "<html><body>Sphinx</body></html>\n"
    write(repository / "docs/_build/html/index.html", page * 500)
    write(repository / "docs/index.md", "# Documentation\n")
    write(repository / "public/js/app.min.js", "var a=1;" * 4000 + "\n")
    commit(repository, "Begin", "2026-07-01")
    write(repository / ".env", "TOKEN=a-made-up-secret-of-this-test\n")
    write(repository / "dist/bundle.js", lines(30_000, "var_x"))
    write(repository / "coverage/lcov-report/index.html", "<html></html>\n" * 3000)
    write(repository / "node_modules/left-pad/index.js", "module.exports = 1;\n")


_SHOP = """{
  "name": "@mira/shop",
  "version": "2.0.0",
  "dependencies": {"express": "^4.18.2", "JSONStream": "^1.3.5"},
  "devDependencies": {"commander": "^15.0.0"}
}
"""
_TRANSLATION = """<?xml version="1.0" encoding="utf-8"?>
<!DOCTYPE TS>
<TS version="2.1" language="de_DE"><context><name>App</name></context></TS>
"""


def _notes(repository: Path) -> None:
    """A monorepo of three packages that need one another."""
    start(repository, "https://github.com/mira-example/notes.git")
    write(repository / "package.json", '{"name": "notes", "workspaces": ["packages/*"]}\n')
    needs = {"core": "", "ui": '"@notes/core": "workspace:^"', "app": '"@notes/ui": "^1.0.0"'}
    for name, need in needs.items():
        package = repository / "packages" / name
        described = f'{{"name": "@notes/{name}", "version": "1.0.0", "dependencies": {{{need}}}}}\n'
        write(package / "package.json", described)
        write(package / "src/index.ts", f"export const {name} = '{name}';\n" * 150)
        write(package / "src/index.spec.ts", f"it('{name}', () => {{}});\n" * 40)
    write(repository / "README.md", "# notes\n")
    write(repository / "spec/openapi.yaml", "openapi: 3.0.0\ninfo: {title: notes, version: '1'}\n")
    write(repository / "LICENSES/MIT.txt", "MIT License\n")
    write(repository / ".woodpecker.yml", "steps: []\n")
    commit(repository, "Begin", "2026-08-15")
    for number, message in enumerate(_MERGE_MESSAGES, 1):
        _merge(repository, message, f"2026-08-2{number}")


# As GitHub, GitLab, Bitbucket, Azure DevOps and Gitea write them.
_MERGE_MESSAGES = (
    "Merge pull request #3 from mira-example/topic",
    "Merge branch 'topic' into 'main'\n\nTopic\n\nSee merge request mira/notes!45",
    "Merged in topic (pull request #7)\n\nTopic",
    "Merged PR 12: topic",
    "Merge pull request 'topic' (#9) from mira/topic into main",
)


def _merge(repository: Path, message: str, day: str) -> None:
    """Commit on a branch of its own, and merge that."""
    git(repository, "checkout", "--quiet", "-b", "topic", **DATES)
    write(repository / f"packages/core/src/step_{day[-2:]}.ts", f"export const day = '{day}';\n")
    commit(repository, "Work on the topic", day)
    git(repository, "checkout", "--quiet", "main", **DATES)
    merge = ("merge", "--quiet", "--no-ff", "--no-commit", "topic")
    git(repository, *merge, **DATES)
    commit(repository, message, day)
    git(repository, "branch", "--quiet", "--delete", "topic")


def _proto(repository: Path) -> None:
    """Generated code, and a generator that only mentions the mark."""
    start(repository)
    write(repository / "api.proto", 'syntax = "proto3";\n')
    write(
        repository / "gen/api_pb2.py",
        "# Generated by the protocol buffer compiler.  DO NOT EDIT!\n",
    )
    go = "// Code generated by protoc-gen-go. DO NOT EDIT.\n\npackage gen\n"
    write(repository / "gen/api.pb.go", go + "var x = 1\n" * 3000)
    write(repository / "emit.go", f"package main\n\nconst header = `{go.splitlines()[0]}`\n")
    write(repository / "cmd/main.go", "package main\n\nfunc main() {}\n" + "// step\n" * 100)
    write(repository / "go.mod", "module example.org/mira/proto\n\ngo 1.21\n")
    commit(repository, "Begin", "2026-06-01")


def _analysis(repository: Path) -> None:
    """Notebooks, MATLAB, a Perl test and a Prolog program."""
    start(repository)
    cell = '{"cell_type": "code", "source": ["import json\\n", "json.dumps(1)\\n"], "outputs": [], '
    cell += '"metadata": {}, "execution_count": 1}'
    book = f'{{"cells": [{cell}], "metadata": {{}}, "nbformat": 4, "nbformat_minor": 5}}\n'
    write(repository / "explore.ipynb", book)
    write(repository / "fit.m", "% least squares\nfunction y = fit(x)\n  y = x;\nend\n")
    write(
        repository / "family.pl", ":- module(family, [parent/2]).\nparent(X, Y) :- child(Y, X).\n"
    )
    write(repository / "t/basic.t", "use Test::More;\nok 1;\ndone_testing;\n")
    write(repository / "install", "#!/usr/bin/env bash\nset -e\necho hi\n")
    write(repository / "logs/app.log.1", "line\n" * 400)
    write(repository / "app/tests.py", "from django.test import TestCase\n")
    write(repository / "java/Contest.java", "public class Contest {}\n")
    write(repository / "java/CartIT.java", "class CartIT {}\n")
    commit(repository, "Begin", "2026-05-01")


def _small_ones(work: Path) -> None:
    """Projects that are old, bare of everything, from the future, or hardly begun."""
    start(work / "empty")
    write(start(work / "uncommitted") / "main.py", "print(1)\n")
    old = start(work / "reports-2019")
    write(old / "report.py", lines(80, "report"))
    commit(old, "Begin", "2019-03-01")
    clock = start(work / "clock")
    write(clock / "clock.py", lines(5, "tick"))
    commit(clock, "Tick", "", at=_FUTURE)
    done = start(work / "old-client", "https://github.com/mira-example/old-client.git")
    write(
        done / "README.md",
        "# old-client\n\n**DEPRECATED: use shop. This repository is archived.**\n",
    )
    write(done / "setup.py", _OLD_SETUP)
    write(done / "client.py", lines(60, "client"))
    write(done / "tests/test_client.py", lines(40, "check"))
    write(done / "LICENSE", "MIT License\n")
    commit(done, "Begin", "2023-01-01")
    commit(done, "Deprecate", "2026-08-20")
    naked = start(work / "naked")
    write(naked / "run.py", lines(400, "run"))
    commit(naked, "Begin", "2026-08-30")
    alpha = start(work / "alpha", "https://github.com/mira-example/alpha.git")
    write(alpha / "alpha.py", lines(3000, "alpha"))
    commit(alpha, "Begin", "2026-04-01")


_OLD_SETUP = """from setuptools import setup

requires = ["six"]
requires.append("click")
setup(name="old-client", version="0.9", install_requires=requires)
"""


def _site(library: Path, repository: Path) -> None:
    """A site with *library* as a submodule."""
    start(repository, "https://github.com/mira-example/site.git")
    write(repository / "index.php", "<?php echo 1;\n" * 30)
    needs = '{"name": "mira/site", "require": {"composer/semver": "^3"}}\n'
    write(repository / "composer.json", needs)
    url = git(library, "config", "remote.origin.url").decode()
    git(repository, "submodule", "--quiet", "add", str(library), "libs/semver", **DATES)
    module = repository / "libs/semver"
    git(module, "checkout", "--quiet", "--detach", git(library, "rev-parse", "HEAD").decode())
    git(module, "config", "remote.origin.url", url)
    git(repository, "config", "--file", ".gitmodules", "submodule.libs/semver.url", url)
    commit(repository, "Begin", "2026-03-01")


def _plain_folders(root: Path) -> None:
    """Projects without version control, a shared logo, and loose files."""
    write(root / "work/loose-tool/pyproject.toml", '[project]\nname = "loose-tool"\n')
    write(root / "work/loose-tool/tool.py", lines(30, "tool"))
    for name in ("notes", "shop"):
        plant(root / "work" / name / "assets", {"logo.svg": b"<svg/>\n", "dot.png": b"\x89PNG\r\n"})
        commit(root / "work" / name, "Add the logo", "2026-08-16")
    write(root / "todo.md", "- everything\n")
    write(root / "scratch.py", lines(10, "scratch"))
