"""The facts of a manifest: the package that it describes and the dependencies of the package."""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass, field
from typing import Any

from packaging.utils import canonicalize_name

from loaders.base.paths import clean_text, text_of
from loaders.safe_git.remote_urls import clean_remote_url
from loaders.sources.manifests.version_keys import version_key
from loaders.sources.manifests.version_ranges import ANY, accepted_versions

# Real manifests have hundreds.
MOST_ENTRIES = 10_000
_LONGEST_NAME = 214
_LONGEST_TEXT = 300
_LONGEST_PATH = 1024

_NAME = re.compile(r"[A-Za-z0-9@_][\w@/.~:+-]*", re.ASCII)
# Versions and ranges of any ecosystem. Other texts, which could be URLs or secrets, do not match.
_SPECIFIER = re.compile(r"[\w\s.,<>=!~^*|&()\[\]+:#$/{}'\"-]*", re.ASCII)
_PLACE = re.compile(r"[\w@.*+$()\[\] -]{1,100}(?:/[\w@.*+$()\[\] -]{0,100}){0,30}", re.ASCII)
_STATED = re.compile(r"@?[\w][\w ./:@+#-]{0,119}", re.ASCII)
_GIT = re.compile(r"git\+|git://|ssh://|[^/?#]*@|[^?#]*\.git(?:[@#?]|$)")
# `git@host:owner/name` and `host.org:owner/name.git`, the short form of ssh.
_SCP = re.compile(r"[^/@\s]+@[\w.-]+:.+|[\w-]+(?:\.[\w-]+)+:[^/\\].*\.git(?:[@#].*)?", re.DOTALL)
# `ssh://git@host:owner/name`, which git does not read and package managers do.
_URL_WITH_SCP = re.compile(r"([a-z+]+://(?:[^@/]*@)?[\w.-]+):(?!\d+(?:/|$)|[^/]*@)")


class InvalidManifest(ValueError):
    """The content does not have the format that the name promises; the message is the reason."""


@dataclass(frozen=True)
class Pointer:
    """The source of a dependency that is not from a registry.

    `kind` is path, git, url or workspace.
    """

    kind: str
    text: str | None = None


@dataclass(frozen=True)
class Dependency:
    """One dependency of a manifest; the fields are columns of manifest_dependencies."""

    name: str | None
    canonical_name: str | None
    specifier: str | None
    scope: str
    group_name: str | None
    marker: str | None
    source_key: str | None
    pointer_kind: str | None
    pointer: str | None
    accepted_versions: str | None


@dataclass(frozen=True)
class Place:
    """A path in the package, relative to the manifest, and the name that leads there."""

    kind: str  # a word of tables.PLACE_KINDS
    name: str
    pointer: str


@dataclass(frozen=True)
class Statement:
    """A further statement of a manifest; `kind` is a word of tables.STATEMENT_KINDS."""

    kind: str
    name: str
    value: str | None


@dataclass
class Manifest:
    """The content of one manifest. `rejected` lists the invalid entries by key or line.

    `version_places` are the modules that may have the version; they land beside the dependencies.
    """

    ecosystem: str
    name: str | None = None
    canonical_name: str | None = None
    version: str | None = None
    version_key: str | None = None
    is_complete: bool = True
    dependencies: list[Dependency] = field(default_factory=list)
    version_places: list[Dependency] = field(default_factory=list)
    rejected: list[str] = field(default_factory=list)
    places: list[Place] = field(default_factory=list)
    statements: dict[Statement, None] = field(default_factory=dict)

    def set_identity(self, name: Any, version: Any = None) -> None:
        """Set name and version of the package, as far as they are valid."""
        if isinstance(name, str) and is_name(name):
            self.name, self.canonical_name = name, canonical(self.ecosystem, name)
        self.version = specifier_of(version)
        self.version_key = version_key(self.ecosystem, self.version)

    def add_dependency(
        self,
        name: str | None,
        specifier: Any = None,
        *,
        scope: str = "runtime",
        group: str | None = None,
        marker: str | None = None,
        key: str,
        pointer: Pointer | None = None,
    ) -> None:
        """Add one dependency, or reject it if it has no usable name or pointer.

        *specifier* is a range, None for any version, or something else than a text if it is not
        known. Raises InvalidManifest if there are more than MOST_ENTRIES.
        """
        if len(self.dependencies) + len(self.rejected) >= MOST_ENTRIES:
            raise InvalidManifest(f"more than {MOST_ENTRIES} entries")
        if not (is_name(name) if name is not None else pointer is not None and pointer.text):
            self.reject(key)
            return
        self.dependencies.append(
            Dependency(
                name,
                canonical(self.ecosystem, name) if name is not None else None,
                specifier_of(specifier),
                scope,
                _short(group),
                _short(marker),
                _short(key),
                pointer.kind if pointer else None,
                pointer.text if pointer else None,
                self._accepted(specifier, pointer),
            )
        )

    def add_version_place(self, pointer: Pointer, attribute: str) -> None:
        """Add a module whose *attribute* may be the version; the first that exists has it."""
        if len(self.version_places) < MOST_ENTRIES:
            texts = (attribute, None, "version", pointer.kind, pointer.text)
            self.version_places.append(Dependency(None, None, None, "version", *texts, None))

    def add_place(self, kind: str, name: str, pointer: Any) -> None:
        """Add a place if *pointer* is a plain path; any other text could be a secret."""
        if not isinstance(pointer, str) or not _PLACE.fullmatch(pointer):
            return
        if len(self.places) < MOST_ENTRIES:
            path = posixpath.normpath(pointer)
            self.places.append(Place(kind, clean_text(name)[:_LONGEST_TEXT], path))

    def state(self, kind: str, name: Any, value: Any = None) -> None:
        """Add a statement, once, if *name* is a plain name; any other text could be a secret."""
        is_plain = isinstance(name, str) and _STATED.fullmatch(name)
        if is_plain and len(self.statements) < MOST_ENTRIES:
            self.statements[Statement(kind, name, specifier_of(value))] = None

    def _accepted(self, specifier: Any, pointer: Pointer | None) -> str | None:
        """Return the accepted versions; those at a commit or a URL are not known."""
        if isinstance(specifier, str) and specifier.strip():
            known = specifier_of(specifier)
            return accepted_versions(self.ecosystem, known) if known else None
        is_fixed = pointer is not None and (
            pointer.kind in ("git", "url")
            # A member of a Cargo workspace has the range of the workspace.
            or (pointer.kind == "workspace" and self.ecosystem == "cargo")
        )
        # A pom without a version has the version that its parent or a BOM manages.
        is_managed = self.ecosystem == "maven"
        return ANY if specifier in (None, "") and not is_fixed and not is_managed else None

    def reject(self, key: str) -> None:
        self.rejected.append(clean_text(key)[:_LONGEST_TEXT])


def is_name(name: str) -> bool:
    return len(name) <= _LONGEST_NAME and _NAME.fullmatch(name) is not None


def canonical(ecosystem: str, name: str) -> str:
    """Return the canonical spelling of a package name, by the rules of its ecosystem."""
    if ecosystem == "python":
        return canonicalize_name(name)
    if ecosystem == "cargo":
        return name.lower().replace("_", "-")
    if ecosystem in ("composer", "nuget"):
        return name.lower()
    # npm, Go, Maven and RubyGems distinguish case: JSONStream and jsonstream are two packages.
    return name


def specifier_of(value: Any) -> str | None:
    """Return the text of a version or a range, or None if it is something else."""
    if not isinstance(value, str) or len(value) > _LONGEST_TEXT or "://" in value:
        return None
    value = " ".join(value.split())
    return value if value and _SPECIFIER.fullmatch(value) else None


def _short(text: str | None) -> str | None:
    return clean_text(text)[:_LONGEST_TEXT] if text else None


def path_pointer(text: Any) -> Pointer | None:
    """Return a pointer to a normalised path, relative to the manifest unless it is absolute.

    Returns None if *text* is not a path.
    """
    if not isinstance(text, str) or not 0 < len(text) <= _LONGEST_PATH:
        return None
    path = posixpath.normpath(text.replace("\\", "/"))
    return Pointer("path", text_of(path.encode("utf-8", "surrogatepass")))


def url_pointer(text: Any) -> Pointer | None:
    """Return a pointer to a URL or a path; its text is None if it may contain a secret."""
    if not isinstance(text, str) or not text:
        return None
    text = text.strip()
    if text.startswith("file:"):
        return path_pointer(re.sub("^file:(//(localhost)?)?", "", text).partition("#")[0])
    text = re.sub("^git[+](?![a-z+]+:)", "", text)
    if "://" not in text and not _SCP.fullmatch(text):
        # `token@host/name` is not a path, and a token does not land.
        return None if re.match(r"[^./@][^/]*@", text) else path_pointer(text)
    if not _GIT.match(text):
        return Pointer("url", clean_remote_url(text))
    text = text.removeprefix("git+").partition("#")[0]
    if text.startswith("file:"):
        return path_pointer(re.sub("^file:(//(localhost)?)?", "", text).partition("@")[0])
    text = _URL_WITH_SCP.sub(r"\1/", text)
    # Remove `@ref` after the path, which clean_remote_url would take for the end of a password.
    scheme, separator, rest = text.rpartition("://")
    authority, slash, path = rest.partition("/")
    return Pointer(
        "git",
        clean_remote_url(scheme + separator + authority + slash + re.sub("@[^@/:]*$", "", path)),
    )


def forge_pointer(text: Any, host: str = "github.com") -> Pointer | None:
    """Return a pointer to `owner/repository` on a forge."""
    if not isinstance(text, str) or not re.fullmatch(r"[~\w.-]+/[\w.-]+", text):
        return None
    return Pointer("git", f"https://{host}/{text}")


def table_of(value: Any) -> dict[str, Any]:
    """Return *value* if it is a table (object), else an empty one."""
    return value if isinstance(value, dict) else {}


def list_of(value: Any) -> list[Any]:
    """Return *value* if it is a list, else an empty one."""
    return value if isinstance(value, list) else []
