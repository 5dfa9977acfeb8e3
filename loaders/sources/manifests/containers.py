"""Read the images that a Dockerfile or a Compose file names.

Formats: "Dockerfile reference" and "Compose file reference" of docs.docker.com.
"""

from __future__ import annotations

import re

from loaders.sources.manifests.command_lines import add_runs
from loaders.sources.manifests.manifest_facts import Manifest
from loaders.sources.manifests.manifest_texts import text_of_file

_FROM = re.compile(r"(?im)^FROM(?: +--\S+)* +(\S{1,200})(?: +AS +(\S{1,100}))?[ \t\r]*$")
_RUN = re.compile(r"(?im)^(?:RUN|CMD|ENTRYPOINT)[ \t]+(\S.{0,500})$")
_IMAGE = re.compile(r"""(?m)^[ \t]+(?:- +)?image: +["']?([^\s"'#]{1,200})""")
_SERVICES = re.compile(r"(?m)^services: *(?:#.*)?\r?$")


def read_dockerfile(raw: bytes) -> Manifest:
    """Read the base images, without earlier stages of the same file, and the programs that run."""
    manifest = Manifest("docker")
    text = text_of_file(raw, errors="replace")
    stages = set()
    for image, stage in _FROM.findall(text):
        if image.lower() not in stages:
            _add_image(manifest, image)
        stages.add(stage.lower())
    manifest.state("section", "dockerfile")
    for line in _RUN.findall(text):
        add_runs(manifest, re.sub(r'["\[\],]', " ", line) if line.startswith("[") else line)
    return manifest


def read_compose(raw: bytes) -> Manifest:
    """Read the images of the services; a file without services is not one of Compose."""
    manifest = Manifest("docker")
    text = text_of_file(raw, errors="replace")
    if _SERVICES.search(text):
        manifest.state("section", "services")
        for image in _IMAGE.findall(text):
            _add_image(manifest, image)
    return manifest


def _add_image(manifest: Manifest, image: str) -> None:
    """Add `registry/owner/name:tag@digest` as `owner/name` and the tag; a variable is not known."""
    name, _, tag = image.partition("@")[0].rpartition("/")[2].partition(":")
    owner = image.partition("@")[0].rpartition("/")[0]
    registry, _, rest = owner.partition("/")
    if set(registry) & set(".:$"):
        owner = rest
    if name and "$" not in name:
        known = tag if tag and "$" not in tag else None
        manifest.state("image", f"{owner}/{name}" if owner else name, known)
