"""One name for a package, whichever report names it: ecosystem, canonical name, package URL.

Format of a package URL: https://github.com/package-url/purl-spec
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from packageurl import PackageURL

from loaders.safe_git.remote_urls import clean_remote_url
from loaders.sources.manifests.manifest_facts import canonical, url_pointer

_LONGEST = 4096
_KEPT = 1 << 14

# Type of a package URL → its ecosystem as manifests name it; another type is its own ecosystem.
_ECOSYSTEMS = {"gem": "ruby", "golang": "go", "pypi": "python"}
_TYPES = {ecosystem: purl_type for purl_type, ecosystem in _ECOSYSTEMS.items()}
# Ecosystems as advisory databases and scanners name them → type of a package URL.
_OTHER_NAMES = {
    "bundler": "gem",
    "cocoapods": "cocoapods",
    "conda": "conda",
    "crates.io": "cargo",
    "dart": "pub",
    "elixir": "hex",
    "gradle": "maven",
    "java": "maven",
    "javascript": "npm",
    "packagist": "composer",
    "php": "composer",
    "pip": "pypi",
    "pipenv": "pypi",
    "pnpm": "npm",
    "poetry": "pypi",
    "rubygems": "gem",
    "rust": "cargo",
    "sbt": "maven",
    "swifturl": "swift",
    "uv": "pypi",
    "yarn": "npm",
}
# The namespace of these is a distribution or a publisher, and no part of the name.
_OF_DISTRIBUTIONS = ("alpm", "apk", "deb", "rpm", "qpkg", "oci", "docker")
_BEFORE_AUTHORITY = re.compile(r"(?i)(://|:%2F%2F|%3A%2F%2F|%3A//)")
_USER = re.compile(r"(?i)[^/?#\s]*(?:@|%40)")
_SECRET_WORD = r"(?:token|secret|password|auth|key|sig)"
_QUERY = re.compile(rf"(?i)(?<=[?&])[\w.-]{{0,40}}{_SECRET_WORD}[\w.-]{{0,40}}=[^&#\s]*")


class Package(NamedTuple):
    """The identity of a package. `purl` is as written, or made of the other parts."""

    ecosystem: str | None
    canonical_name: str | None
    purl: str | None
    version: str | None = None


def without_credentials(text: str) -> str:
    """Return *text*, a name that may contain URLs, without passwords and tokens in them."""
    # Each piece is examined once, so that the time is that of the length.
    pieces = _BEFORE_AUTHORITY.split(text)
    if len(pieces) == 1:
        return text
    pieces[2::2] = [
        _USER.sub("", piece, count=1) if _USER.match(piece) else piece for piece in pieces[2::2]
    ]
    return _QUERY.sub("", "".join(pieces))


@lru_cache(_KEPT)
def package_of_purl(purl: str | None) -> Package:
    """Return the package that a package URL names; only the URL itself if it is invalid."""
    if not purl or len(purl) > _LONGEST:
        return Package(None, None, None)
    shown = without_credentials(purl)
    try:
        parsed = PackageURL.from_string(shown)
    except (ValueError, RecursionError):
        return Package(None, None, shown)
    ecosystem = _ECOSYSTEMS.get(parsed.type, parsed.type)
    parts = [parsed.namespace, parsed.name]
    if parsed.type in _OF_DISTRIBUTIONS:
        parts = parts[1:]
    name = (":" if ecosystem == "maven" else "/").join(part for part in parts if part)
    return Package(ecosystem, canonical(ecosystem, name), shown, parsed.version)


@lru_cache(_KEPT)
def package_named(ecosystem: str | None, name: str | None, version: str | None = None) -> Package:
    """Return the package *name* of an ecosystem, whichever word names the ecosystem."""
    if not ecosystem or not name or len(name) > _LONGEST:
        return Package(None, None, None)
    # OSV adds a release, as in `Debian:12`.
    word = ecosystem.lower().partition(":")[0].strip()
    purl_type = _TYPES.get(word) or _OTHER_NAMES.get(word) or word
    known = _ECOSYSTEMS.get(purl_type, purl_type)
    canonical_name = canonical(known, name)
    # Package URLs of PyPI keep dots; most tools write the canonical name.
    full = canonical_name if known in ("python", "composer") else name
    if known == "maven":
        full = full.replace(":", "/", 1)
    namespace, _, last = full.rpartition("/")
    try:
        made = PackageURL(purl_type, namespace or None, last, version or None).to_string()
    except ValueError:
        made = None
    return Package(known, canonical_name, made, version)


def source_of(url: str | None) -> tuple[str | None, str | None]:
    """Return (kind, place) of a source other than a registry: git, path or url.

    The place is None if it may contain a secret.
    """
    if not url:
        return None, None
    pointer = url_pointer(url)
    return (pointer.kind, pointer.text) if pointer else (None, None)


def git_source(url: str | None) -> tuple[str | None, str | None]:
    """Return (`git`, place) of a repository, whose URL has no mark of git."""
    if not url:
        return "git", None
    return "git", source_of(url if url.startswith(("git@", "git+")) else f"git+{url}")[1]


def registry_place(url: str | None) -> str | None:
    """Return the URL of a registry, without credentials."""
    return clean_remote_url(url) if url else None
