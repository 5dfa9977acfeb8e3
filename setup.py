"""Adds the dbt project to what is installed: all that dbt reads, and what fits it to this machine.

Setuptools takes packages, and these are folders of the clone. An installed copy has them in the
folder `loaders/project`, and `loaders.base.paths` decides which of the two is in use.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

HERE = Path(__file__).resolve().parent
PROJECT = Path("loaders", "project")
PARTS = (
    ".dbtignore",
    "dbt_project.yml",
    "profiles.yml",
    "models",
    "loaders/sources/*/staging",
    "macros",
    "seeds",
    "tests/dbt",
    # The tested versions of libraries, for `enrich doctor`.
    "requirements/lock.txt",
)


def project_files() -> Iterator[str]:
    """Yield the files of the dbt project, by their paths below this folder."""
    for pattern in PARTS:
        for part in sorted(HERE.glob(pattern)):
            for path in sorted(part.rglob("*")) if part.is_dir() else [part]:
                is_hidden = any(name.startswith((".", "__")) for name in path.parts[-1:])
                if path.is_file() and (path == part or not is_hidden):
                    yield path.relative_to(HERE).as_posix()


class BuildPackages(build_py):
    """Builds the packages, and the dbt project beside their modules."""

    def run(self) -> None:
        if self.editable_mode:
            super().run()
            return  # the clone itself is used
        # An earlier build here may have left files that no longer exist: dbt would read them.
        shutil.rmtree(self.build_lib, ignore_errors=True)
        super().run()
        for name in project_files():
            target = Path(self.build_lib, PROJECT, name)
            self.mkpath(str(target.parent))
            self.copy_file(str(HERE / name), str(target), preserve_mode=False)

    def get_source_files(self) -> list[str]:
        # A source distribution has them too: a wheel can be built from it.
        return [*super().get_source_files(), *project_files()]


setup(cmdclass={"build_py": BuildPackages})
