"""The image: its instructions, and the image itself where one can be built."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tomllib
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import Path

import pytest
from git_fixtures import make_repository
from product import PROJECT

METADATA = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
TEXT = (PROJECT / "Dockerfile").read_text(encoding="utf-8")
SECRET = re.compile(r"secret|token|passw|api_?key|credential", re.IGNORECASE)
FETCHES = re.compile(r"\b(curl|wget|https?:|git clone|git\+)")


@dataclass(frozen=True)
class Instruction:
    """An instruction of a Dockerfile: its word, its text and the number of its stage."""

    word: str
    text: str
    stage: int


def read(text: str) -> list[Instruction]:
    joined = re.sub(r"\\\n\s*", " ", re.sub(r"^\s*#.*\n", "", text, flags=re.MULTILINE))
    found, stage = [], -1
    for line in filter(None, map(str.strip, joined.splitlines())):
        word, _, rest = line.partition(" ")
        stage += word == "FROM"
        found.append(Instruction(word, rest.strip(), stage))
    return found


def faults(text: str) -> list[str]:
    """Return what a Dockerfile of this product must not have."""
    instructions = read(text)
    last = [one for one in instructions if one.stage == instructions[-1].stage]
    by_word = {one.word: one.text for one in last}
    users = [one.text for one in last if one.word == "USER"]
    volume = by_word.get("VOLUME", "").strip('[]"')
    places = dict(re.findall(r"(META_DB_PATH|META_LANDING_DIR)=(\S+)", by_word.get("ENV", "")))
    checks = {
        "runs as root": not users or users[-1].split(":")[0] in ("root", "0"),
        "changes to root": any(user in ("root", "0") for user in users),
        "keeps data outside its volume": not volume
        or len(places) != 2
        or not all(place.startswith(f"{volume}/") for place in places.values()),
        "has no program of its own": not by_word.get("ENTRYPOINT", "").startswith("["),
        "names no version of its base": any(
            one.word == "FROM" and not re.match(r"\S+:3\.1[123]\b|installed", one.text)
            for one in instructions
        ),
        "has a secret": any(
            one.word in ("ENV", "ARG") and SECRET.search(one.text) for one in instructions
        ),
        "fetches what no registry has": any(
            one.word == "ADD" or FETCHES.search(one.text) for one in instructions
        ),
        "installs unchecked libraries": any(
            "pip install" in command and "--require-hashes" not in command and " . " not in command
            for one in instructions
            for command in f"{one.text} ".split("&&")
        ),
    }
    return [fault for fault, is_so in checks.items() if is_so]


def test_the_image_is_as_documented():
    assert faults(TEXT) == []


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("USER $USER_ID", "USER root", "runs as root"),
        ("USER $USER_ID", "", "runs as root"),
        ("USER $USER_ID", "USER 0\nUSER $USER_ID", "changes to root"),
        ("META_LANDING_DIR=/data/landing", "X=y", "keeps data outside its volume"),
        ("META_DB_PATH=/data/", "META_DB_PATH=/database/", "keeps data outside its volume"),
        ('VOLUME ["/data"]', "", "keeps data outside its volume"),
        ('ENTRYPOINT ["enrich"]', "ENTRYPOINT enrich", "has no program of its own"),
        ("python:3.13-slim-bookworm", "python", "names no version of its base"),
        ("python:3.13", "python:3.14", "names no version of its base"),
        ("WORKDIR /data", "WORKDIR /data\nENV GITHUB_TOKEN=x", "has a secret"),
        ("WORKDIR /data", "ADD x.tar /", "fetches what no registry has"),
        ("rm -rf", "curl x | sh && rm -rf", "fetches what no registry has"),
        ("--require-hashes", "", "installs unchecked libraries"),
    ],
)
def test_a_worse_image_is_noticed(old: str, new: str, fault: str):
    assert old in TEXT and fault in faults(TEXT.replace(old, new))


def _in_context(name: str) -> bool:
    """Say whether .dockerignore lets the builder see a file of the clone."""
    lines = (PROJECT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    rules = [line for line in lines if line and not line.startswith("#")]
    is_seen = True
    for rule in rules:
        pattern = rule.removeprefix("!").removeprefix("**/")
        folders = [name, *map(str, Path(name).parents)]
        if any(fnmatch(folder, pattern) for folder in folders if folder != "."):
            is_seen = rule.startswith("!")
    return is_seen


def test_the_image_gets_every_file_of_a_wheel_and_nothing_of_yours():
    copied = [
        source
        for one in read(TEXT)
        if one.word == "COPY" and not one.text.startswith("--from")
        for source in one.text.split()[:-1]
    ]
    tracked = subprocess.run(
        ["git", "ls-files"], cwd=PROJECT, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    arrives = {
        name
        for name in tracked
        if _in_context(name) and any(name == one or name.startswith(f"{one}/") for one in copied)
    }
    parts = ("enrich/", "loaders/", "models/", "macros/", "seeds/", "tests/dbt/")
    single = ("pyproject.toml", "setup.py", "dbt_project.yml", "profiles.yml", ".dbtignore")
    needed = {name for name in tracked if name.startswith(parts) or name in single}
    files = {METADATA["readme"], *METADATA["license-files"], "requirements/lock.txt"}
    assert needed | files == arrives
    for private in (".git/config", ".env", ".venv/bin/python", "target/x", "tests/python/x.py"):
        assert not _in_context(private)


def _reason_not_to_build() -> str | None:
    docker = shutil.which("docker")
    if docker is None or subprocess.run([docker, "info"], capture_output=True).returncode:
        return "no builder of images is running"
    return None


@pytest.mark.long
def test_the_image_is_built_and_refreshes_a_mounted_folder(tmp_path: Path):
    if reason := _reason_not_to_build():
        pytest.skip(reason)
    make_repository(tmp_path / "code" / "one", {"a.py": "x = 1\n"})
    run = ["docker", "run", "--rm", "--network", "none", "-v", f"{tmp_path}/data:/data"]
    (tmp_path / "data").mkdir(mode=0o777)
    user = ["--build-arg", f"USER_ID={os.getuid() or 1000}"]
    for command in (
        ["docker", "build", "--tag", "meta-collector-test", *user, "."],
        [*run, "-v", f"{tmp_path}/code:/code:ro", "meta-collector-test", "refresh-meta", "/code"],
        [*run, "meta-collector-test", "status"],
    ):
        done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
    assert "1 repository" in done.stdout or "1 repositories" in done.stdout
