"""Adds the dbt project to what is installed: all that dbt reads, and what fits it to this machine.

Setuptools takes packages, and these are folders of the clone. An installed copy has them in the
folder `loaders/project`, and `loaders.base.paths` decides which of the two is in use.
"""

from __future__ import annotations

import runpy
import shutil
from collections.abc import Iterator
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

HERE = Path(__file__).resolve().parent
PROJECT = Path("loaders", "project")
# The parts of the dbt project, and the tested versions of libraries, for `enrich doctor`.
NAMES = runpy.run_path(str(HERE / "loaders/base/project_parts.py"))
PARTS = (*NAMES["PARTS"], "requirements/lock.txt")


def project_files() -> Iterator[str]:
    """Yield the files of the dbt project, by their paths below this folder."""
    for path in NAMES["files_below"](HERE, PARTS):
        name = path.relative_to(HERE).as_posix()
        if name in PARTS or not path.name.startswith((".", "__")):
            yield name


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
