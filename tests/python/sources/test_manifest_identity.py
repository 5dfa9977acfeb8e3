"""Dependencies as npm, Go and Cargo name them.

Each expected value is the answer of the tool that the case names: `npm-package-arg` and `arborist`
of npm 11, `go mod edit -json` of Go 1.19, `cargo metadata` of cargo 1.95.
"""

from __future__ import annotations

import json

import pytest

from loaders.sources.manifests.manifest_facts import url_pointer
from loaders.sources.manifests.read import READERS

# An entry of package.json for `dep` → name, range, kind and text of the pointer.
NPM = {
    "": ("dep", None, None, None),
    "^1.2": ("dep", "^1.2", None, None),
    "latest": ("dep", "latest", None, None),
    "catalog:react18": ("dep", "catalog:react18", None, None),
    "npm:@acme/ui-kit@1": ("@acme/ui-kit", "1", None, None),
    "npm:JSONStream@^1": ("JSONStream", "^1", None, None),
    "npm:foo": ("foo", None, None, None),
    "npm:^1.0.0": ("dep", "^1.0.0", None, None),
    "npm:1.2.3": ("dep", "1.2.3", None, None),
    "jsr:@std/x@^1": ("dep", "^1", None, None),
    "patch:left-pad@npm%3A1.3.0#./p.patch": ("left-pad", "1.3.0", None, None),
    "patch:@a/b@npm:^1#~/.yarn/x.patch": ("@a/b", "^1", None, None),
    "workspace:^": ("dep", "^", "workspace", None),
    "workspace:^1.2": ("dep", "^1.2", "workspace", None),
    "workspace:@acme/ui-kit@*": ("@acme/ui-kit", "*", "workspace", None),
    "workspace:ui@^1": ("ui", "^1", "workspace", None),
    "workspace:../x": ("dep", None, "path", "../x"),
    "workspace:packages/x": ("dep", None, "workspace", None),
    "file:../b": ("dep", None, "path", "../b"),
    "link:../b": ("dep", None, "path", "../b"),
    "portal:../b": ("dep", None, "path", "../b"),
    "./a": ("dep", None, "path", "a"),
    "..": ("dep", None, "path", ".."),
    "a/b/c": ("dep", None, "path", "a/b/c"),
    "x.tgz": ("dep", None, "path", "x.tgz"),
    "org/x": ("dep", None, "git", "https://github.com/org/x"),
    "org/x.git#main": ("dep", None, "git", "https://github.com/org/x"),
    "github:org/x#semver:^1": ("dep", None, "git", "https://github.com/org/x"),
    "gitlab:org/x": ("dep", None, "git", "https://gitlab.com/org/x"),
    "sourcehut:~a/x": ("dep", None, "git", "https://git.sr.ht/~a/x"),
    "gist:11081aaa281": ("dep", None, "git", "https://gist.github.com/11081aaa281"),
    "git@host.org:org/x.git": ("dep", None, "git", "git@host.org:org/x.git"),
    "git+ssh://git@github.com:org/x.git": ("dep", None, "git", "ssh://github.com/org/x.git"),
    "git+ssh://git@host:2222/org/x.git#v1": ("dep", None, "git", "ssh://host:2222/org/x.git"),
    "git://host/x.git": ("dep", None, "git", "git://host/x.git"),
    "https://host/x.tgz?token=secret": ("dep", None, "url", "https://host/x.tgz"),
}


@pytest.mark.parametrize("entry", NPM)
def test_an_entry_of_package_json(entry: str) -> None:
    [need] = READERS["package_json"](
        json.dumps({"dependencies": {"dep": entry}}).encode()
    ).dependencies
    assert (need.canonical_name, need.specifier, need.pointer_kind, need.pointer) == NPM[entry]


def test_names_of_npm_that_differ_in_case_are_two_packages() -> None:
    manifest = READERS["package_json"](
        b'{"name": "web", "dependencies": {"JSONStream": "^1.3.5", "jsonstream": "^1.0.3"}}'
    )
    assert [need.canonical_name for need in manifest.dependencies] == ["JSONStream", "jsonstream"]


def test_npm_reads_bytes_that_are_not_utf_8() -> None:
    """The file is decoded with replacement characters, as by `JSON.parse(buffer.toString())`."""
    manifest = READERS["package_json"](
        '{"name": "x", "author": "J\u00fcrgen", "dependencies": {"a": "1"}}'.encode("latin-1")
    )
    assert (manifest.name, manifest.dependencies[0].name) == ("x", "a")


# The address as a manifest has it → kind and text of the pointer.
ADDRESSES = {
    "git@host.org:org/x.git": ("git", "git@host.org:org/x.git"),
    "git+git@host.org:org/x.git@v2": ("git", "git@host.org:org/x.git"),
    "git+ssh://git@host:org/x.git@v2": ("git", "ssh://host/org/x.git"),
    "host.org:org/x.git": ("git", "host.org:org/x.git"),
    "git+https://u:secret@host/a/b@1.2": ("git", "https://host/a/b"),
    "git+file:///x/y.git@main": ("path", "/x/y.git"),
    "C:\\a\\b": ("path", "C:/a/b"),
    "packages/@a/b": ("path", "packages/@a/b"),
    # No password and no token lands, whatever the form.
    "user:secret@host:x/y": ("git", "host:x/y"),
    "git+ssh://u:123@host:x/y": ("git", "ssh://host/x/y"),
    "secret@host.org/path": None,
}


@pytest.mark.parametrize("address", ADDRESSES)
def test_an_address(address: str) -> None:
    found = url_pointer(address)
    assert (found and (found.kind, found.text)) == ADDRESSES[address]
    assert "secret" not in str(found)


# The comment of a requirement → whether the go command takes it for indirect.
COMMENTS = {
    "// indirect": True,
    "//indirect": True,
    "//\tindirect": True,
    "// indirect; why": True,
    "// indirect;": False,
    "// indirect why": False,
    "// indirectly used by the tests": False,
    "// Indirect": False,
    "// why // indirect": False,
    "": False,
}


@pytest.mark.parametrize("comment", COMMENTS)
def test_what_go_takes_for_indirect(comment: str) -> None:
    [need] = READERS["go_mod"](
        f"module a.b/c\nrequire (\n\tx.y/z v1.0.0 {comment}\n)\n".encode()
    ).dependencies
    assert (need.scope == "indirect") is COMMENTS[comment]


def test_what_go_builds_is_what_replaces_a_module() -> None:
    manifest = READERS["go_mod"](
        b"module example.com/app\nrequire (\n\ta.b/one v1.0.0\n\ta.b/two v1.0.0\n\ta.b/three"
        b" v1.0.0\n\ta.b/four v1.0.0\n)\nreplace a.b/one => fork.org/one v1.2.4\nreplace (\n"
        b"\ta.b/two v1.0.0 => ../two\n\ta.b/two => ../all\n\ta.b/three v1.0.1 => ../three // x\n"
        b"\ta.b/four v1.0.0 => fork.org/four v1.1.0\n)\n"
    )
    assert [(need.name, need.specifier, need.pointer) for need in manifest.dependencies] == [
        ("fork.org/one", "v1.2.4", None),
        ("a.b/two", "v1.0.0", "../two"),
        # Another version of it is replaced.
        ("a.b/three", "v1.0.0", None),
        ("fork.org/four", "v1.1.0", None),
    ]


def test_cargo_reads_toml_1_1() -> None:
    manifest = READERS["cargo"](
        b'[package]\nname = "toml11"\n[dependencies]\nserde = {\n  version = "1",\n'
        b'  features = ["derive"],\n}\n'
    )
    assert [(need.name, need.specifier) for need in manifest.dependencies] == [("serde", "1")]


def test_cargo_builds_what_patches_a_crate() -> None:
    manifest = READERS["cargo"](
        b'[dependencies]\nser_de = "1"\nalias = {package = "other", version = "2"}\nkept = "3"\n'
        b'[patch.crates-io]\nser-de = {path = "../serde"}\n'
        b'named = {package = "other", git = "https://host/o/other"}\n'
    )
    assert [(need.canonical_name, need.pointer) for need in manifest.dependencies] == [
        ("ser-de", "../serde"),
        ("other", "https://host/o/other"),
        ("kept", None),
    ]
