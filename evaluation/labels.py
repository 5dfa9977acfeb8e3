"""Labelled files: their roles, given by a reader, and the files from the public registries."""

from __future__ import annotations

import csv
import hashlib
import re
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from loaders.base import programs
from loaders.base.paths import PROJECT_ROOT

LABELS = PROJECT_ROOT / "evaluation" / "role_labels.csv"
_NAME = re.compile(r"(@[\w.-]+/)?[A-Za-z0-9][\w.-]*")
_VERSION = re.compile(r"[0-9][\w.!+-]*")
_MAX_BYTES = 8 << 20
_SECONDS = 600


@dataclass(frozen=True)
class Label:
    """One labelled file: where it is published, its digest, and the role that its reader gave."""

    kind: str  # wheel, sdist, npm
    package: str
    version: str
    path: str  # in the archive
    sha256: str
    role: str
    secondary_roles: tuple[str, ...]
    difficulty: str
    label_set: str

    @property
    def place(self) -> PurePosixPath:
        """The place of the file below a folder of fetched files."""
        return PurePosixPath(self.kind, self.package, self.version, self.path)

    @property
    def project(self) -> PurePosixPath:
        """The folder of its project: all archives except wheels have one at the top."""
        top = self.path.partition("/")[0] if self.kind != "wheel" else ""
        return PurePosixPath(self.kind, self.package, self.version, top)


def read_labels(paths: Sequence[Path]) -> list[Label]:
    """Return the labels of some CSV files, each content once.

    Raises ValueError for a row that does not name a file of a package.
    """
    labels: dict[str, Label] = {}
    for path in paths:
        with open(path, encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                labels.setdefault(row["sha256"], _label(row, path))
    return list(labels.values())


def _label(row: dict[str, str], source: Path) -> Label:
    parts = PurePosixPath(row["path"]).parts
    if (
        row["kind"] not in ("wheel", "sdist", "npm")
        or not _NAME.fullmatch(row["package"])
        or not _VERSION.fullmatch(row["version"])
        or not parts
        or parts[0] == "/"
        or ".." in parts
    ):
        raise ValueError(
            f"{source}: no file of a package: {row['kind']} {row['package']} {row['path']}"
        )
    secondary = tuple(role for role in row["secondary_roles"].split(";") if role)
    return Label(
        row["kind"],
        row["package"],
        row["version"],
        row["path"],
        row["sha256"],
        row["primary_role"],
        secondary,
        row["difficulty"],
        row.get("label_set") or source.stem,
    )


def fetch(labels: Iterable[Label], folder: Path) -> Iterator[str]:
    """Fetch the missing labelled files into *folder*; yield a line for each package that failed.

    Archives come from the registries that pip and npm are configured for. Nothing is installed, and
    only members with the labelled digest are kept. For an sdist, pip runs the build backend of the
    package.
    """
    wanted: dict[tuple[str, str, str], list[Label]] = {}
    for label in labels:
        if not is_there(label, folder):
            wanted.setdefault((label.kind, label.package, label.version), []).append(label)
    for (kind, package, version), missing in sorted(wanted.items()):
        with tempfile.TemporaryDirectory() as scratch:
            try:
                archive = _download(kind, package, version, Path(scratch))
                for path, content in _members(archive, {label.path for label in missing}):
                    _keep(content, next(label for label in missing if label.path == path), folder)
            except (OSError, RuntimeError, tarfile.TarError, zipfile.BadZipFile) as error:
                yield f"{kind} {package} {version}: {error}"
                continue
        lost = [label.path for label in missing if not is_there(label, folder)]
        if lost:
            yield f"{kind} {package} {version}: not in the archive as labelled: {', '.join(lost)}"


def is_there(label: Label, folder: Path) -> bool:
    """Return whether the labelled file is below *folder*, with the labelled content."""
    path = folder / label.place
    return path.is_file() and hashlib.sha256(path.read_bytes()).hexdigest() == label.sha256


def _keep(content: bytes, label: Label, folder: Path) -> None:
    if hashlib.sha256(content).hexdigest() == label.sha256:
        path = folder / label.place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def _download(kind: str, package: str, version: str, scratch: Path) -> Path:
    if kind == "npm":
        command = [_program("npm"), "pack", "--silent", "--ignore-scripts", f"{package}@{version}"]
    else:
        only = ["--only-binary", ":all:"] if kind == "wheel" else ["--no-binary", package]
        pip = [
            sys.executable,
            "-m",
            "pip",
            "download",
            "--quiet",
            "--no-deps",
            "--disable-pip-version-check",
        ]
        command = [*pip, "-d", ".", *only, f"{package}=={version}"]
    done = subprocess.run(command, cwd=scratch, capture_output=True, text=True, timeout=_SECONDS)
    found = [
        path
        for path in scratch.iterdir()
        if path.name.endswith((".whl", ".tar.gz", ".tgz", ".zip"))
    ]
    if done.returncode or len(found) != 1:
        raise RuntimeError((done.stderr or "no archive").strip()[-200:])
    return found[0]


def _program(name: str) -> str:
    if found := programs.find(name):
        return found
    raise RuntimeError(f"{name} is not installed")


def _members(archive: Path, wanted: set[str]) -> Iterator[tuple[str, bytes]]:
    if archive.suffix in (".whl", ".zip"):
        with zipfile.ZipFile(archive) as opened:
            for info in opened.infolist():
                if info.filename in wanted and info.file_size <= _MAX_BYTES:
                    yield info.filename, opened.read(info)
    else:
        with tarfile.open(archive) as opened:
            for member in opened:
                name = member.name.removeprefix("./")
                if name in wanted and member.isfile() and member.size <= _MAX_BYTES:
                    yield name, opened.extractfile(member).read()
