"""Read build.gradle and build.gradle.kts (docs.gradle.org, "Declaring dependencies"), and version
catalogues (docs.gradle.org, "Version Catalogs").

A build script is a program. It is never run: of its words, those in a block `dependencies` are
read. Its plugins, other scripts and loops may add more, so that it is never complete.
Packages have the names of Maven, `group:name`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from loaders.sources.manifests.manifest_facts import InvalidManifest, Manifest, table_of
from loaders.sources.manifests.manifest_texts import load_toml, text_of_file

_LARGEST_BYTES = 1 << 20
_LONGEST_TEXT = 1000
_MOST_DEPTH = 100
# A value that only a run shows.
_UNKNOWN: Any = object()

# One token: a comment, a string of three quotes or one, a word, a line end, or a sign.
_TOKEN = re.compile(
    # A text without an end ends with its line or the file, so that nothing is searched twice.
    r"(?P<skip>//[^\n]*|/\*.*?(?:\*/|\Z)|[ \t\r\f]+|\\\n)"
    r"|(?P<long>'''.*?(?:'''|\Z)|\"\"\".*?(?:\"\"\"|\Z))"
    r"|(?P<text>'(?:[^'\\\n]|\\.)*(?:'|(?=\n)|\Z)|\"(?:[^\"\\\n]|\\.)*(?:\"|(?=\n)|\Z))"
    r"|(?P<word>[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*|`[^`\n]+`)"
    r"|(?P<sign>[\n{}()\[\],:=;])"
    r"|(?P<other>.)",
    re.DOTALL | re.ASCII,
)
_REFERENCE = re.compile(r"\$(?:\{([\w.]+)\}|([A-Za-z_]\w*))", re.ASCII)
_COORDINATES = re.compile(
    r"([\w.-]+):([\w.-]+)(?::([^:@!]*))?(?::[^:@]*)?(?:!!)?(?:@\w+)?", re.ASCII
)
# `id 'name' version '1'` and `id("name") version "1"`, in a text with blanks between its tokens.
_PLUGIN = re.compile(
    r"""\bid (?:\( )?["']([\w.-]+)["'](?: \))?(?: version (?:\( )?["']([\w.+-]+)["'])?""", re.ASCII
)
_IDENTITY = ("group", "version")
# The blocks around `dependencies`, and the scope that they give.
_BLOCKS = {"": None, "allprojects": None, "buildscript": "build", "subprojects": "inherited"}
_WRAPPERS = ("platform", "enforcedPlatform", "testFixtures")
_SCOPES = (  # the beginning or the end of the name of a configuration, in lower case
    (re.compile(r".*test.*|jmh.*|.*benchmark.*"), "dev"),
    (
        re.compile(r".*processor|kapt.*|ksp.*|classpath|.*lint.*|detekt.*|checkstyle|.*desugaring"),
        "build",
    ),
    (re.compile(r".*compileonly(api)?|provided.*"), "peer"),
    (re.compile(r".*(implementation|api|compile|runtime|runtimeonly|developmentonly)"), "runtime"),
)


@dataclass
class _Token:
    kind: str
    text: str
    line: int


_LINE_END = _Token("sign", "\n", 0)


@dataclass
class _Call:
    """A statement in a block: a configuration with its arguments."""

    name: str
    line: int
    texts: list[_Token] = field(default_factory=list)
    named: dict[str, _Token] = field(default_factory=dict)
    words: list[str] = field(default_factory=list)


def read_gradle(raw: bytes) -> Manifest:
    """Read a build script of Groovy or Kotlin; its dependencies with literal names are found."""
    if len(raw) > _LARGEST_BYTES:
        raise InvalidManifest(f"more than {_LARGEST_BYTES} bytes")
    tokens = list(_tokens(text_of_file(raw)))
    values = _values(tokens)
    manifest = Manifest("maven", is_complete=False)
    # The name of the project is the name of its folder, or in settings.gradle.
    manifest.set_identity(None, values.get("version"))
    for scope, call in _calls(tokens):
        _add(manifest, call, scope or _scope_of(call.name), values)
    for identifier, version in _PLUGIN.findall(_text_of(tokens)):
        manifest.state("plugin", identifier, version or None)
    return manifest


def _text_of(tokens: list[_Token]) -> str:
    """Return the text without comments, with one blank between its parts."""
    return " ".join(one.text for one in tokens)


def read_catalog(raw: bytes) -> Manifest:
    """Read a version catalogue; a library in it is one for the projects that ask for it."""
    document = load_toml(raw)
    manifest = Manifest("maven")
    versions = table_of(document.get("versions"))
    for table, scope in (("libraries", "inherited"), ("plugins", "build")):
        for alias, entry in table_of(document.get(table)).items():
            name, version = _catalog_entry(entry, table)
            if isinstance(version, dict) and "ref" in version:
                version = versions.get(version["ref"], _UNKNOWN)
            manifest.add_dependency(
                name, _rich_version(version), scope=scope, key=f"{table}.{alias}"
            )
    return manifest


def _catalog_entry(entry: Any, table: str) -> tuple[str | None, Any]:
    """Return the name and the version, or the reference to it, of one entry of a catalogue."""
    if isinstance(entry, str):
        parts = entry.split(":")
        if table == "plugins":
            return _plugin(parts[0]), parts[1] if len(parts) > 1 else None
        return ":".join(parts[:2]), parts[2] if len(parts) > 2 else None
    entry = table_of(entry)
    name = entry.get("module") or f"{entry.get('group')}:{entry.get('name')}"
    return _plugin(entry["id"]) if "id" in entry else name, entry.get("version")


def _plugin(identifier: Any) -> str | None:
    """Return the package that Gradle takes a plugin from."""
    return f"{identifier}:{identifier}.gradle.plugin" if isinstance(identifier, str) else None


def _rich_version(version: Any) -> Any:
    """Return the range of a version that may be a table of `strictly`, `require`, `prefer`."""
    if not isinstance(version, dict):
        return version
    parts = [version[part] for part in ("strictly", "require", "prefer") if part in version]
    return parts[0] if parts else _UNKNOWN


def _tokens(text: str) -> Iterator[_Token]:
    line = 1
    for match in _TOKEN.finditer(text):
        kind = str(match.lastgroup)
        if kind != "skip":
            yield _Token(kind, match[0], line)
        line += match[0].count("\n")


def _values(tokens: list[_Token]) -> dict[str, Any]:
    """Return name → text of the names that one statement binds to a text. In a block, `group` and
    `version` are those of something else.
    """
    found: dict[str, Any] = {}
    depth = 0
    windows = zip([_LINE_END, *tokens], tokens, tokens[1:], [*tokens[2:], _LINE_END], strict=False)
    for before, name, sign, value in windows:
        depth += {"{": 1, "}": -1}.get(name.text, 0)
        short = name.text.rpartition(".")[2]
        is_plain = sign.kind == "text" and short in _IDENTITY and before.text in "\n{;"
        if name.kind != "word" or not (sign.text == "=" or is_plain):
            continue
        if short in _IDENTITY and depth:
            # That of a tool or a publication.
            continue
        text = sign if is_plain else value
        is_known = text.kind == "text" and not _REFERENCE.search(text.text)
        found[short] = text.text[1:-1] if is_known and short not in found else _UNKNOWN
    return found


def _calls(tokens: list[_Token]) -> Iterator[tuple[str | None, _Call]]:
    """Yield each statement of the blocks `dependencies`, with the scope that the block gives."""
    path: list[str] = []
    statement: list[_Token] = []
    depth = 0
    for token in [*tokens, _LINE_END]:
        depth += {"(": 1, ")": -1}.get(token.text, 0)
        is_brace = token.text in ("{", "}")
        is_within = depth > 0 or (statement and statement[-1].text == ",")
        if not is_brace and (token.text not in ("\n", ";") or is_within):
            statement.append(token)
            continue
        is_read, scope = _scope_of_block(path)
        if is_read and (call := _call([one for one in statement if one.text != "\n"])):
            yield scope, call
        if token.text == "{":
            path.append(" ".join(one.text for one in statement if one.kind == "word"))
            if len(path) > _MOST_DEPTH:
                raise InvalidManifest("blocks nested too deeply")
        elif token.text == "}" and path:
            path.pop()
        statement, depth = [], 0


def _scope_of_block(path: list[str]) -> tuple[bool, str | None]:
    """Return whether the block has dependencies of this build, and the scope that it gives."""
    if path[-1:] != ["dependencies"]:
        return False, None
    *around, _ = path
    if around[:2] == ["kotlin", "sourceSets"]:
        return True, "dev" if "Test" in " ".join(around) else None
    name = " ".join(around)
    return name in _BLOCKS, _BLOCKS.get(name)


def _call(statement: list[_Token]) -> _Call | None:
    """Return the call that *statement* is, if it is one of a configuration."""
    if len(statement) < 2 or statement[0].kind not in ("word", "text"):
        return None
    first, *rest = statement
    call = _Call(first.text.strip("'\"`"), first.line)
    if call.name == "add" and rest[0].text == "(" and len(rest) > 2 and rest[1].kind == "text":
        call.name, rest = rest[1].text[1:-1], rest[2:]
    for place, token in enumerate(rest):
        before, after = rest[place - 1] if place else first, rest[place + 1 : place + 2]
        if token.kind in ("text", "long"):
            if before.text in (":", "=") and place >= 2:
                call.named[rest[place - 2].text] = token
            else:
                call.texts.append(token)
        elif token.kind == "word" and before.text == "+" and call.texts:
            text = call.texts[-1]
            call.texts[-1] = _Token("text", f'"{text.text[1:-1]}${{{token.text}}}"', text.line)
        elif token.kind == "word" and not (after and after[0].text in (":", "=")):
            call.words.append(token.text)
    return call


def _scope_of(configuration: str) -> str | None:
    """Return the scope of a configuration; None if it is not known to be one."""
    name = configuration.lower()
    return next((scope for pattern, scope in _SCOPES if pattern.fullmatch(name)), None)


def _add(manifest: Manifest, call: _Call, scope: str | None, values: dict[str, Any]) -> None:
    """Add what one statement declares."""
    others = set(call.words) - set(_WRAPPERS)
    if scope is None or others - {"kotlin"}:
        # A project, a file, an entry of a catalogue, or a method of the build itself.
        return
    key, group = f"line {call.line}", call.name
    if {"group", "name"} <= call.named.keys():
        parts = [_expanded(call.named[part], values) for part in ("group", "name")]
        version = call.named.get("version")
        given = _expanded(version, values) if version else None
        if all(isinstance(part, str) for part in parts):
            manifest.add_dependency(":".join(parts), given, scope=scope, group=group, key=key)
        return
    for token in call.texts:
        text = _expanded(token, values)
        if "kotlin" in others and isinstance(text, str):
            name = f"org.jetbrains.kotlin:kotlin-{text}"
            manifest.add_dependency(name, None, scope=scope, group=group, key=key)
            continue
        match = _COORDINATES.fullmatch(text if isinstance(text, str) else _literal(token))
        if match:
            known = match[3] if isinstance(text, str) else _UNKNOWN
            name = f"{match[1]}:{match[2]}"
            manifest.add_dependency(name, known, scope=scope, group=group, key=key)


def _expanded(token: _Token, values: dict[str, Any]) -> Any:
    """Return the text of a string with the values of its references, or _UNKNOWN."""
    text = token.text[3:-3] if token.kind == "long" else token.text[1:-1]
    if token.text[0] == "'":
        return text
    while "$" in text:
        if len(text) > _LONGEST_TEXT:
            return _UNKNOWN
        match = _REFERENCE.search(text)
        value = values.get((match[1] or match[2]).rpartition(".")[2], _UNKNOWN) if match else None
        if match is None or not isinstance(value, str):
            return _UNKNOWN
        text = text[: match.start()] + value + text[match.end() :]
    return text


def _literal(token: _Token) -> str:
    """Return `group:name:` of coordinates of which only the version is not known."""
    head, _, _ = token.text[1:-1].partition("$")
    return head if head.count(":") == 2 else ""
