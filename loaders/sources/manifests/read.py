"""The formats of seeds/dependency_files.csv and their readers."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from loaders.sources.manifests.build_files import (
    read_justfile,
    read_makefile,
    read_noxfile,
    read_tox,
)
from loaders.sources.manifests.cargo import read_cargo_toml
from loaders.sources.manifests.composer import read_composer_json
from loaders.sources.manifests.containers import read_compose, read_dockerfile
from loaders.sources.manifests.dotnet import read_project_of_dotnet
from loaders.sources.manifests.go import read_go_mod
from loaders.sources.manifests.gradle import read_catalog, read_gradle
from loaders.sources.manifests.javascript import read_package_json
from loaders.sources.manifests.manifest_facts import Manifest
from loaders.sources.manifests.maven import read_pom
from loaders.sources.manifests.mix import read_mix
from loaders.sources.manifests.named_places import read_tsconfig
from loaders.sources.manifests.pipelines import read_pre_commit, read_workflow
from loaders.sources.manifests.pubspec import read_pubspec
from loaders.sources.manifests.python_manifests import (
    read_pipfile,
    read_pyproject,
    read_requirements,
)
from loaders.sources.manifests.python_versions import ATTRIBUTE, read_attribute
from loaders.sources.manifests.ruby import read_gemfile, read_gemspec
from loaders.sources.manifests.setup_manifests import read_setup_cfg, read_setup_py
from loaders.sources.manifests.toolchains import VERSION_FILES, read_tool_versions, read_toolchain

# Increase it if a reader gives another result for the same content: all manifests are read again.
READER_VERSION = 8

REQUIREMENTS = "requirements"

# Each reader takes the content and raises InvalidManifest if it does not have the format.
READERS: dict[str, Callable[[bytes], Manifest]] = {
    "cargo": read_cargo_toml,
    "compose": read_compose,
    "composer": read_composer_json,
    "dockerfile": read_dockerfile,
    "dotnet": read_project_of_dotnet,
    "gemfile": read_gemfile,
    "gemspec": read_gemspec,
    "go_mod": read_go_mod,
    "gradle": read_gradle,
    "gradle_catalog": read_catalog,
    "justfile": read_justfile,
    "makefile": read_makefile,
    "mix": read_mix,
    "nox": read_noxfile,
    "package_json": read_package_json,
    "pipfile": read_pipfile,
    "pom": read_pom,
    "pre_commit": read_pre_commit,
    "pubspec": read_pubspec,
    "pyproject": read_pyproject,
    REQUIREMENTS: read_requirements,
    "setup_cfg": read_setup_cfg,
    "setup_py": read_setup_py,
    "tool_versions": read_tool_versions,
    "toolchain": read_toolchain,
    "tox": read_tox,
    "tsconfig": read_tsconfig,
    "workflow": read_workflow,
    **VERSION_FILES,
}


def reader_of(form: str) -> Callable[[bytes], Manifest]:
    """Return the reader of a format, or of a module for one of its attributes."""
    if form.startswith(ATTRIBUTE):
        return partial(read_attribute, name=form.removeprefix(ATTRIBUTE))
    return READERS[form]
