"""Plants mirrors, and what only looks like them, among repositories, and measures what is found.

By hand, on clones of the repositories below a folder:

    python tests/drills/mirror_trial.py ~/code --seed 1

says per kind what was planted, found at exactly the planted directory with a right original, found
elsewhere (at a wrong level or twice) and found without a plant. test_mirrors.py does the same with
synthetic repositories. A plant below the repositories of a world never changes what they track,
unless its kind allows it.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import on_path  # noqa: F401

# isort: split

from git_fixtures import ENVIRONMENT
from golden import write
from product import Product

# The least that a copy with the same files shares: seeds/rule_thresholds.csv, min_drifted_share.
_LEAST_SHARE = 0.25
_LICENSE = (
    "Permission is hereby granted, free of charge, to any person, to deal without restriction.\n"
    * 12
)
_PLANTED = ("old", "third_party", "src_ext", "bundled")
_WORDS = (
    *("river", "stone", "maple", "cloud", "ember", "frost", "harbor"),
    *("lantern", "meadow", "orbit", "pillar", "quartz", "ridge", "summit"),
)


@dataclass(frozen=True)
class Plant:
    """One planted directory.

    *originals* are the directories that it may mirror; empty: it is not a mirror.
    """

    kind: str
    path: Path
    originals: tuple[Path, ...] = ()
    note: str = ""
    # Neither finding it nor leaving it out is wrong.
    is_open: bool = False


@dataclass
class World:
    """A workspace below *root*, the repositories in it, and what was planted among them."""

    root: Path
    rng: random.Random
    repositories: list[Path] = field(default_factory=list)
    plants: list[Plant] = field(default_factory=list)
    # Which directory copies which, so that a copy may also mirror another copy of the same.
    families: dict[Path, list[Path]] = field(default_factory=dict)

    def add(
        self,
        kind: str,
        path: Path,
        original: Path | None = None,
        note: str = "",
        is_open: bool = False,
    ) -> Path:
        """Note a plant; *original* is a repository or a folder in one."""
        if original is None:
            self.plants.append(Plant(kind, path, (), note))
            return path
        home = next(
            repository for repository in self.repositories if original.is_relative_to(repository)
        )
        family = self.families.setdefault(home, [home])
        family.append(path)
        # The list is shared on purpose: who joins the family later is a right answer as well.
        self.plants.append(Plant(kind, path, (original,), note, is_open))
        return path

    def right_originals(self, plant: Plant) -> list[Path]:
        """The directories that *plant* may mirror: its family, and folders in them."""
        return [
            member
            for home, family in self.families.items()
            if any(original.is_relative_to(home) for original in plant.originals)
            for member in family
            if member != plant.path
        ]


# -- small tools -----------------------------------------------------------------------------------


def git(where: Path, *arguments: str, **environment: str) -> str:
    done = subprocess.run(
        ["git", "-C", str(where), *arguments],
        capture_output=True,
        env={**ENVIRONMENT, **environment},
        check=True,
        stdin=subprocess.DEVNULL,
    )
    return done.stdout.decode("utf-8", "surrogateescape").strip()


def commit_all(where: Path) -> None:
    if not (where / ".git").exists():
        git(where, "init", "-q")
    git(where, "add", "-A")
    git(where, "commit", "-q", "--allow-empty", "-m", "all")


def export(original: Path, target: Path) -> Path:
    """Copy a folder without what version control keeps in it."""
    shutil.copytree(original, target, symlinks=True, ignore=shutil.ignore_patterns(".git"))
    return target


def export_commit(repository: Path, commit: str, target: Path) -> Path:
    target.mkdir(parents=True)
    archive = subprocess.run(
        ["git", "-C", str(repository), "archive", commit],
        capture_output=True,
        env=ENVIRONMENT,
        check=True,
    )
    subprocess.run(["tar", "-x", "-C", str(target)], input=archive.stdout, check=True)
    return target


def content(folder: Path) -> list[Path]:
    """The non-empty regular files below *folder*, sorted, without those of version control."""
    found = []
    for above, directories, names in os.walk(folder):
        directories[:] = [name for name in directories if name != ".git"]
        found += [Path(above, name) for name in names]
    return sorted(path for path in found if not path.is_symlink() and path.stat().st_size)


def change(files: Sequence[Path], share: float, rng: random.Random) -> None:
    """Change this share of the files, each a little."""
    for path in rng.sample(list(files), round(share * len(files))):
        with path.open("ab") as file:
            file.write(b"\nchanged %d\n" % rng.randrange(10**9))


def made_up(rng: random.Random, lines: int) -> str:
    return "".join(
        f"{rng.choice(_WORDS)}_{rng.randrange(10**6)} = {rng.randrange(10**6)}\n"
        for _ in range(lines)
    )


def grow(folder: Path, count: int, rng: random.Random) -> None:
    """Add *count* files that exist in no other directory."""
    for number in range(count):
        name = f"{rng.choice(_WORDS)}_{number}.py"
        write(
            folder / rng.choice(("extra", "extra/deep", "more", "notes")) / name, made_up(rng, 20)
        )


# -- kinds that are mirrors ------------------------------------------------------------------------


def plant_exact(world: World, original: Path, place: Path) -> None:
    world.add("exact", export(original, place / f"{original.name}-copy"), original)


def plant_exact_same_name(world: World, original: Path, place: Path) -> None:
    world.add(
        "exact same name, deep",
        export(original, place / "some/where/deep" / original.name),
        original,
    )


def plant_with_git(world: World, original: Path, place: Path) -> None:
    target = place / f"{original.name}2"
    shutil.copytree(original, target, symlinks=True)
    world.add("exact with .git", target, original)


def plant_clone(world: World, original: Path, place: Path) -> None:
    target = place / "clones" / original.name
    target.parent.mkdir(parents=True, exist_ok=True)
    git(place, "clone", "-q", str(original), str(target))
    world.add("clone at the same commit", target, original)


def plant_in_itself(world: World, original: Path, place: Path) -> None:
    inside = original / "old" / original.name
    export(original, place / "passing")
    inside.parent.mkdir(exist_ok=True)
    shutil.move(place / "passing", inside)
    world.add("in its own project", inside, original)


def plant_vendored(world: World, original: Path, place: Path) -> None:
    host = world.rng.choice([other for other in world.repositories if other != original])
    world.add(
        "vendored in another", export(original, host / "third_party" / original.name), original
    )


def plant_subfolder(world: World, original: Path, place: Path) -> None:
    folder = _main_folder(original)
    if folder:
        world.add(
            "subfolder", export(folder, place / "parts" / f"{original.name}_{folder.name}"), folder
        )


def plant_subfolder_in_another(world: World, original: Path, place: Path) -> None:
    folder = _main_folder(original)
    host = world.rng.choice([other for other in world.repositories if other != original])
    if folder:
        world.add("subfolder in another", export(folder, host / "src_ext" / folder.name), folder)


def plant_nested(world: World, original: Path, place: Path) -> None:
    """A copy in a copy: both are reported, since the outer original does not contain the inner."""
    other = world.rng.choice([other for other in world.repositories if other != original])
    outer = export(original, place / f"{original.name}-with-more")
    world.add("outer of nested", outer, original)
    world.add("nested in a copy", export(other, outer / "bundled" / f"{other.name}-x"), other)


def plant_sdist(world: World, original: Path, place: Path) -> None:
    target = export(original, place / "dist" / f"{original.name}-1.2.3")
    for name in ("tests", "test", ".github", "testing"):
        shutil.rmtree(target / name, ignore_errors=True)
    write(target / "PKG-INFO", f"Metadata-Version: 2.1\nName: {original.name}\n")
    for name in ("PKG-INFO", "SOURCES.txt", "top_level.txt", "dependency_links.txt"):
        write(target / f"{original.name}.egg-info" / name, f"{original.name}\n{name}\n")
    world.add("unpacked sdist", target, original)


def plant_wheel(world: World, original: Path, place: Path) -> None:
    folder = _main_folder(original)
    if folder:
        target = place / "wheels" / f"{original.name}-1.2.3-py3-none-any"
        export(folder, target / folder.name)
        for name in ("METADATA", "WHEEL", "RECORD", "top_level.txt"):
            write(target / f"{original.name}-1.2.3.dist-info" / name, f"{original.name}\n{name}\n")
        world.add("unpacked wheel", target, folder)


def plant_older(world: World, original: Path, place: Path) -> None:
    for back in (20, 100, 500):
        if int(git(original, "rev-list", "--count", "--first-parent", "HEAD")) > back:
            target = export_commit(
                original, f"HEAD~{back}", place / "archive" / f"{original.name}-{back}"
            )
            share = _share(target, original)
            note = f"{original.name} shares {share:.0%}"
            if share >= _LEAST_SHARE:
                world.add(f"older export, {back} back", target, original, note)
            else:
                world.add("older export with too little left", target, original, note, is_open=True)


def _drifting(share: float) -> Callable[[World, Path, Path], None]:
    def plant(world: World, original: Path, place: Path) -> None:
        target = export(original, place / f"drift-{share:.0%}".rstrip("%") / original.name)
        change(content(target), share, world.rng)
        world.add(f"drifted {share:4.0%}", target, original)

    return plant


def _growing(share: float) -> Callable[[World, Path, Path], None]:
    def plant(world: World, original: Path, place: Path) -> None:
        target = export(original, place / f"{original.name}-plus-{share:.0%}".rstrip("%"))
        grow(target, round(share * len(content(target))), world.rng)
        world.add(f"with {share:4.0%} added", target, original)

    return plant


def plant_renamed(world: World, original: Path, place: Path) -> None:
    folder = _main_folder(original)
    if folder:
        target = export(original, place / f"{original.name}-renamed")
        inner = target / folder.relative_to(original)
        inner.rename(inner.with_name("renamed_lib"))
        world.add("with a renamed folder", target, original)


def plant_moved(world: World, original: Path, place: Path) -> None:
    folder = _main_folder(original)
    if folder:
        target = export(original, place / f"{original.name}-moved")
        inner = target / folder.relative_to(original)
        new = target / "packages/core" / folder.name
        new.parent.mkdir(parents=True)
        inner.rename(new)
        world.add("with a moved folder", target, original)


def plant_drifted_renamed(world: World, original: Path, place: Path) -> None:
    folder = _main_folder(original)
    if folder:
        target = export(original, place / f"{original.name}-fork")
        change(content(target), 0.25, world.rng)
        inner = target / folder.relative_to(original)
        inner.rename(inner.with_name("forked"))
        world.add("drifted 25 %, a folder renamed", target, original)


def _main_folder(repository: Path) -> Path | None:
    """The largest folder with at most four fifths of a repository and at least 10 files."""
    total = len(content(repository))
    sizes = {
        folder: len(content(folder))
        for folder in [*repository.glob("*/"), *repository.glob("*/*/")]
        if not any(
            part.startswith(".") or part in _PLANTED
            for part in folder.relative_to(repository).parts
        )
        and not folder.is_symlink()
    }
    fitting = {folder: size for folder, size in sizes.items() if 10 <= size <= 0.8 * total}
    return max(sorted(fitting), key=lambda folder: fitting[folder]) if fitting else None


def _share(copy: Path, original: Path) -> float:
    """The share of the smaller side's files that are equal at the same place."""
    files = content(copy)
    equal = sum(
        1
        for path in files
        if (other := original / path.relative_to(copy)).is_file()
        and other.read_bytes() == path.read_bytes()
    )
    return equal / min(len(files), len(content(original)))


MIRRORS: tuple[Callable[[World, Path, Path], None], ...] = (
    *(
        plant_exact,
        plant_exact_same_name,
        plant_with_git,
        plant_clone,
        plant_subfolder,
        plant_nested,
    ),
    *(plant_sdist, plant_wheel, plant_older),
    *(_drifting(share) for share in (0.05, 0.2, 0.4, 0.6)),
    *(_growing(share) for share in (0.5, 1.0, 3.0)),
    *(plant_renamed, plant_moved, plant_drifted_renamed),
)
# These change the repositories, so they come last: no other plant is to hold a plant.
MIRRORS_INSIDE = (plant_in_itself, plant_vendored, plant_subfolder_in_another)


# -- kinds that are not mirrors --------------------------------------------------------------------


def plant_diverged(world: World, place: Path) -> None:
    """Forks of which a fifth is left, or less."""
    for original, share in zip(world.rng.sample(world.repositories, 2), (0.8, 0.9), strict=True):
        target = export(
            original, place / "forks" / f"{original.name}-diverged-{share:.0%}".rstrip("%")
        )
        change(content(target), share, world.rng)
        world.add(f"diverged {share:.0%}", target)


def plant_other_line_ends(world: World, place: Path) -> None:
    original = world.rng.choice(world.repositories)
    target = export(original, place / f"{original.name}-crlf")
    for path in content(target):
        path.write_bytes(
            path.read_bytes().replace(b"\r\n", b"\n").replace(b"\n", b"\r\n") + b"\r\n"
        )
    world.add("other line ends", target)


def plant_siblings(world: World, place: Path) -> None:
    """Projects from one template: twenty files are the same in all, what they are is not."""
    for number in range(4):
        name = f"{_WORDS[number]}kit"
        target = place / "siblings" / name
        _write_template(target, name)
        for module in range(4 + 6 * number):
            write(
                target / f"src/{name}/{world.rng.choice(_WORDS)}_{module}.py",
                made_up(world.rng, 40),
            )
            write(target / f"tests/test_{name}_{module}.py", made_up(world.rng, 15))
        commit_all(target)
        world.add("from one template", target)


def _write_template(target: Path, name: str) -> None:
    same = (
        ".editorconfig .gitignore .gitattributes .pre-commit-config.yaml tox.ini Makefile"
        " MANIFEST.in .flake8"
    )
    community = "CODE_OF_CONDUCT.md CONTRIBUTING.md SECURITY.md LICENSE"
    hub = (
        "workflows/ci.yml workflows/release.yml ISSUE_TEMPLATE/bug.md ISSUE_TEMPLATE/feature.md"
        " dependabot.yml"
    )
    docs = "Makefile make.bat requirements.txt _templates/page.html contributing.md installation.md"
    names = [*same.split(), *community.split(), *(f".github/{one}" for one in hub.split())]
    for path in [
        *names,
        ".github/PULL_REQUEST_TEMPLATE.md",
        *(f"docs/{one}" for one in docs.split()),
    ]:
        write(target / path, f"{path}\n" + _LICENSE)
    write(target / "pyproject.toml", f"[project]\nname = '{name}'\n")
    write(target / "README.md", f"# {name}\n\nAbout {name}.\n")
    write(target / "docs/conf.py", f"project = '{name}'\n")
    write(target / "docs/index.md", f"# {name}\n")
    write(target / f"src/{name}/__init__.py", "")
    write(target / "tests/__init__.py", "")
    write(target / "tests/conftest.py", "import pytest\n" + _LICENSE)


def plant_monorepo(world: World, place: Path) -> None:
    """One repository of fifteen packages with the same settings and stubs."""
    target = place / "monorepo"
    for number in range(15):
        package = target / "packages" / f"{_WORDS[number % 14]}-{number}"
        settings = (
            "tsconfig.json tsconfig.build.json jest.config.js .eslintrc.js .npmignore LICENSE"
        )
        for name in [
            *settings.split(),
            "src/global.d.ts",
            "src/setupTests.ts",
            "test/setup.ts",
            "assets/logo.svg",
        ]:
            write(package / name, f"{name}\n" + _LICENSE)
        write(package / "package.json", f'{{"name": "{package.name}"}}\n')
        write(package / "src/index.ts", made_up(world.rng, 30))
        for module in range(number % 5 + 2):
            write(package / f"src/{world.rng.choice(_WORDS)}{module}.ts", made_up(world.rng, 30))
    commit_all(target)
    world.add("packages of a monorepo", target)


def plant_same_vendored_file(world: World, place: Path) -> None:
    texts = {
        name: made_up(world.rng, 300) for name in ("jquery.js", "bootstrap.js", "normalize.css")
    }
    for number in range(5):
        target = place / "sites" / f"site-{number}"
        for name, text in texts.items():
            write(target / "static/lib" / name, text)
        for page in range(12):
            write(target / f"pages/{_WORDS[page]}.html", made_up(world.rng, 20))
        commit_all(target)
        world.add("the same vendored files", target)


def plant_tiny_files(world: World, place: Path) -> None:
    """Folders of marker files whose content is next to nothing."""
    for number in range(3):
        target = place / "tiny" / f"queue-{number}"
        for item in range(60):
            write(
                target / "state" / f"job-{item:03}.json",
                ("{}\n", "[]\n", "null\n", "0\n", "ok\n", "1\n")[item % 6],
            )
        for module in range(8):
            write(target / f"{_WORDS[module]}_{number}.py", made_up(world.rng, 20))
        commit_all(target)
        world.add("many tiny files", target)


def plant_tracked_variants(world: World, place: Path) -> None:
    """Versions of documents, translations and test data that a repository tracks on purpose."""
    target = place / "handbook"
    pages = {f"page-{number}.md": made_up(world.rng, 40) for number in range(40)}
    for version in ("v1", "v2", "v3"):
        for name, text in pages.items():
            write(
                target / "docs" / version / name,
                text if world.rng.random() < 0.85 else made_up(world.rng, 40),
            )
    for language in ("en", "de", "pt_BR"):
        for name, text in pages.items():
            translated = world.rng.random() < 0.3 and language != "en"
            write(
                target / "i18n" / language / name,
                made_up(world.rng, 40) if translated else f"# i18n\n{text}",
            )
    for case in ("plain", "strict"):
        for number in range(30):
            write(
                target / "tests/data" / case / f"input-{number}.txt",
                f"{number}\n" + pages["page-1.md"],
            )
    for number in range(30):
        write(target / f"handbook/{_WORDS[number % 14]}_{number}.py", made_up(world.rng, 30))
    commit_all(target)
    world.add("tracked variants in one repository", target)


def plant_node_modules(world: World, place: Path) -> None:
    modules = {f"dep-{number}/index.js": made_up(world.rng, 30) for number in range(30)}
    for number in range(2):
        target = place / "apps" / f"app-{number}"
        for name, text in modules.items():
            write(target / "node_modules" / name, text)
        for module in range(8):
            write(target / f"src/{_WORDS[module + number]}.js", made_up(world.rng, 30))
        write(target / "package.json", f'{{"name": "app-{number}"}}\n')
        world.add("dependency caches", target)


def plant_generated(world: World, place: Path) -> None:
    texts = {f"api_{number}_pb2.py": made_up(world.rng, 60) for number in range(12)}
    for number in range(2):
        target = place / "services" / f"service-{number}"
        for name, text in texts.items():
            write(target / "gen" / name, text)
        for module in range(14):
            write(target / f"app/{_WORDS[module]}.py", made_up(world.rng, 30))
        commit_all(target)
        world.add("generated files", target)


def plant_linked_worktree(world: World, place: Path) -> None:
    original = world.rng.choice(world.repositories)
    git(original, "worktree", "add", "-q", "--detach", str(place / f"{original.name}-worktree"))
    target = world.add("linked worktree", place / f"{original.name}-worktree")
    world.families.setdefault(original, [original]).append(target)


def plant_submodule(world: World, place: Path) -> None:
    original = world.rng.choice(world.repositories)
    host = place / "superproject"
    for module in range(8):
        write(host / f"{_WORDS[module]}.py", made_up(world.rng, 20))
    commit_all(host)
    git(host, "submodule", "--quiet", "add", str(original), f"deps/{original.name}")
    commit_all(host)
    world.add("submodule", host)


NO_MIRRORS: tuple[Callable[[World, Path], None], ...] = (
    *(
        plant_diverged,
        plant_other_line_ends,
        plant_siblings,
        plant_monorepo,
        plant_same_vendored_file,
    ),
    *(plant_tiny_files, plant_tracked_variants, plant_node_modules, plant_generated),
    *(plant_linked_worktree, plant_submodule),
)


# -- worlds ----------------------------------------------------------------------------------------


def synthetic_repository(path: Path, rng: random.Random) -> Path:
    """A repository of a package with documents, tests and data, and a history of 25 commits."""
    name = path.name
    _write_template(path, name)
    for number in range(rng.randrange(14, 30)):
        write(
            path
            / f"src/{name}/{rng.choice(('', 'core/', 'util/'))}{_WORDS[number % 14]}_{number}.py",
            made_up(rng, rng.randrange(5, 80)),
        )
        if number % 2:
            write(path / f"tests/test_{name}_{number}.py", made_up(rng, 15))
        if number % 3:
            write(path / f"docs/{rng.choice(_WORDS)}-{number}.md", made_up(rng, 25))
    commit_all(path)
    for _ in range(24):
        change(content(path / "src"), 0.02, rng)
        change(rng.sample(content(path), 1), 1, rng)
        git(path, "commit", "-q", "-a", "-m", "change")
    return path


def clone_all(folder: Path, target: Path) -> Iterator[Path]:
    """Clone the repositories directly in *folder* that have ten commits and thirty files."""
    for found in sorted(folder.iterdir()):
        if (found / ".git").is_dir() and len(content(found)) >= 30:
            target.mkdir(parents=True, exist_ok=True)
            clone = target / found.name
            try:
                git(target, "clone", "-q", str(found), str(clone))
                commits = int(git(clone, "rev-list", "--count", "HEAD"))
            except subprocess.CalledProcessError:  # a partial clone, a damaged repository
                continue
            if commits >= 10:
                yield clone
            else:
                shutil.rmtree(clone)


def plant_all(world: World, place: Path, *, each: int) -> None:
    """Plant every kind: mirrors *each* times, from repositories chosen by chance.

    Directories that are not mirrors, once.
    """
    place.mkdir(parents=True, exist_ok=True)
    for plant in MIRRORS:
        _plant_each(world, plant, place, each)
    for plant_none in NO_MIRRORS:
        plant_none(world, place)
    for plant in MIRRORS_INSIDE:
        _plant_each(world, plant, place, each)


def _plant_each(
    world: World, plant: Callable[[World, Path, Path], None], place: Path, each: int
) -> None:
    for original in world.rng.sample(world.repositories, min(each, len(world.repositories))):
        try:
            plant(world, original, place)
        except FileExistsError:
            continue


# -- measuring -------------------------------------------------------------------------------------


@dataclass
class Score:
    """The results for one kind."""

    planted: int = 0
    found: int = 0
    missed: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)


def score(world: World, findings: dict[Path, Path], before: dict[Path, Path]) -> dict[str, Score]:
    """Compare findings (mirror → original) with the plants.

    *before* are the findings without plants.
    """
    scores: dict[str, Score] = {}
    planted = {plant.path: plant for plant in world.plants if plant.originals}
    for plant in world.plants:
        kind = scores.setdefault(plant.kind, Score())
        kind.planted += 1
        if not plant.originals:
            continue
        original = findings.get(plant.path)
        right = original is not None and any(
            original.is_relative_to(member)
            or (member.is_relative_to(original) and original != world.root)
            for member in world.right_originals(plant)
        )
        if plant.is_open and (right or original is None):
            continue
        if right:
            kind.found += 1
        else:
            kind.missed.append(
                f"{_short(world, plant.path)} ({plant.note}) found as a mirror of {original}"
            )
    for mirror, original in findings.items():
        if mirror in planted or mirror in before:
            continue
        around = [plant for plant in world.plants if mirror.is_relative_to(plant.path)]
        below = [plant for plant in world.plants if plant.path.is_relative_to(mirror)]
        nearest = (
            max(around, key=lambda plant: len(plant.path.parts))
            if around
            else next(iter(below), None)
        )
        kind = scores.setdefault(nearest.kind if nearest else "elsewhere", Score())
        kind.wrong.append(f"{_short(world, mirror)} → {_short(world, original)}")
    return scores


def _short(world: World, path: Path) -> str:
    return str(path.relative_to(world.root)) if path.is_relative_to(world.root) else str(path)


def findings_of(product: Product) -> dict[Path, Path]:
    rows = product.query(
        "select subject, json_extract_string(evidence, '$.mirrors') from v_gap_backlog"
        " where gap_type = 'DUPLICATE_MIRROR_CONTENT'"
    )
    assert len({subject for subject, _ in rows}) == len(rows), "a directory is listed twice"
    return {Path(subject): Path(original) for subject, original in rows}


def report(scores: dict[str, Score]) -> dict[str, float]:
    """Print a line per kind and return precision and recall over all."""
    for kind, one in sorted(scores.items()):
        print(f"{kind:36} planted {one.planted:3}  found {one.found:3}  wrong {len(one.wrong):3}")
        for line in one.missed:
            print(f"    missed  {line}")
        for line in one.wrong[:6]:
            print(f"    wrong   {line}")
    totals = Counter()
    for one in scores.values():
        totals.update(found=one.found, missed=len(one.missed), wrong=len(one.wrong))
    found, missed, wrong = totals["found"], totals["missed"], totals["wrong"]
    return {
        **totals,
        "recall": round(found / max(1, found + missed), 4),
        "precision": round(found / max(1, found + wrong), 4),
    }


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path, help="a folder of repositories, which are cloned")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--each", type=int, default=3, help="plants per kind of mirror")
    parser.add_argument(
        "--apart", action="store_true", help="repositories in one folder, plants in another"
    )
    parser.add_argument(
        "--keep", type=Path, help="make the world and its home here, and leave them"
    )
    options = parser.parse_args()
    base = options.keep or Path(tempfile.mkdtemp(prefix="mirror-trial-"))
    base.mkdir(parents=True, exist_ok=True)
    try:
        print(
            json.dumps(
                trial(options.folder, base, options.seed, options.each, is_apart=options.apart)
            )
        )
    finally:
        if not options.keep:
            shutil.rmtree(base)
    return 0


def trial(folder: Path, base: Path, seed: int, each: int, *, is_apart: bool) -> dict[str, float]:
    """Clone, build, plant, build again, report; everything below *base*."""
    root = (base / "world").resolve()
    world = World(root, random.Random(seed))
    world.repositories = list(clone_all(folder, root / "repos" if is_apart else root))
    product = Product(base / "home")
    product.crawl(root)
    product.dbt("build")
    before = findings_of(product)
    plant_all(world, root / "planted", each=each)
    product.crawl(root)
    product.dbt("build")
    return report(score(world, findings_of(product), before))


if __name__ == "__main__":
    sys.exit(main())
