"""A pom as Maven 3.8 reads it: `MavenXpp3Reader` gave each expected value."""

from __future__ import annotations

import pytest

from loaders.sources.manifests.manifest_facts import InvalidManifest, Manifest
from loaders.sources.manifests.read import READERS

HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
LIB = "<dependency><groupId>org.acme</groupId><artifactId>lib</artifactId>%s</dependency>"


def pom(inside: str = "", head: str = HEAD) -> str:
    """Return a pom that needs org.acme:lib 2."""
    return (
        f'{head}<project xmlns="http://maven.apache.org/POM/4.0.0">{inside}'
        "<groupId>org.acme</groupId><artifactId>app</artifactId><version>1.0</version>"
        f"<dependencies>{LIB % '<version>2</version>'}</dependencies></project>"
    )


def encoded(encoding: str, comment: str) -> bytes:
    return pom(f"<!-- {comment} -->", HEAD.replace("UTF-8", encoding)).encode(encoding)


# The content of a pom, each read by Maven.
READ: dict[str, bytes] = {
    "GBK": encoded("GBK", "\u4f9d\u8d56"),
    "Shift_JIS": encoded("Shift_JIS", "\u65e5\u672c"),
    "EUC-KR": encoded("EUC-KR", "\ud55c"),
    "windows-1252": encoded("windows-1252", "\u20ac"),
    "ISO-8859-1": encoded("ISO-8859-1", "\u00e9"),
    "UTF-16 with a mark": encoded("UTF-16", "\u00e9"),
    "UTF-16 without a mark": encoded("UTF-16BE", "\u00e9"),
    "UTF-8 with a mark": b"\xef\xbb\xbf" + pom().encode(),
    "a name of Java": pom(head=HEAD.replace("UTF-8", "windows-31j")).encode(),
    "single quotes": pom(head="<?xml version='1.0' encoding = 'UTF-8' ?>").encode(),
    "bytes that are not UTF-8": pom("<!-- \u00e9 -->").encode("latin-1"),
    "no declaration": pom(head="").encode(),
    "a blank line first": b"\n" + pom().encode(),
    "a blank line behind the mark": b"\xef\xbb\xbf\n" + pom().encode(),
    "entities of HTML": pom("<name>Caf&eacute; &nbsp;&#233; &lt;</name>").encode(),
    "a control character": pom("<name>a\x01b</name>").encode(),
    "a prefix that is not bound": pom("<x:y>1</x:y>").encode(),
    "an instruction": pom("<?foo bar?>").encode(),
    "an unknown element": pom("<foo>1</foo>").encode(),
}
# The content of a pom, each refused by Maven.
REFUSED = {
    "an entity of no list": pom("<name>&foo;</name>"),
    "a bare ampersand": pom("<name>a & b</name>"),
    "two roots": pom() + "<x/>",
    "no end": pom()[:-10],
    "nothing": "",
    "an attribute twice": pom('<build a="1" a="2"/>'),
}


@pytest.mark.parametrize("name", READ)
def test_a_pom_that_maven_reads(name: str) -> None:
    manifest = READERS["pom"](READ[name])
    assert (manifest.name, manifest.version, manifest.is_complete) == ("org.acme:app", "1.0", True)
    assert [(need.name, need.specifier) for need in manifest.dependencies] == [
        ("org.acme:lib", "2")
    ]


@pytest.mark.parametrize("name", REFUSED)
def test_a_pom_that_maven_refuses(name: str) -> None:
    with pytest.raises(InvalidManifest, match="not XML"):
        READERS["pom"](REFUSED[name].encode())


def needs(inside: str) -> Manifest:
    return READERS["pom"](
        f"<project><groupId>org.acme</groupId><artifactId>app</artifactId><version>1</version>"
        f"{inside}</project>".encode()
    )


MANAGED = "<dependencyManagement><dependencies>%s</dependencies></dependencyManagement>"
BOM = "<version>1</version><type>pom</type><scope>import</scope>"
# Elements of a pom → range and scope of org.acme:lib, and whether the pom has all that Maven needs.
RESOLVED: dict[str, tuple[str, str | None, str, bool]] = {
    "a managed version and scope": (
        MANAGED % (LIB % "<version>3</version><scope>test</scope>")
        + f"<dependencies>{LIB % ''}</dependencies>",
        "3",
        "dev",
        True,
    ),
    "its own version is stronger": (
        MANAGED % (LIB % "<version>3</version>")
        + f"<dependencies>{LIB % '<version>4</version>'}</dependencies>",
        "4",
        "runtime",
        True,
    ),
    "the managed one is another type": (
        MANAGED % (LIB % "<version>3</version><type>test-jar</type>")
        + f"<dependencies>{LIB % ''}</dependencies>",
        None,
        "runtime",
        False,
    ),
    "a BOM that is not here": (
        MANAGED % (LIB % BOM) + f"<dependencies>{LIB % ''}</dependencies>",
        None,
        "runtime",
        False,
    ),
    "a property": (
        (
            "<properties><v>1.${w}</v><w>5</w></properties>"
            f"<dependencies>{LIB % '<version>${v}</version>'}</dependencies>"
        ),
        "1.5",
        "runtime",
        True,
    ),
    "a property of the parent": (
        f"<dependencies>{LIB % '<version>${v}</version>'}</dependencies>",
        "${v}",
        "runtime",
        False,
    ),
    "a property that a profile changes": (
        (
            "<properties><v>1</v></properties><profiles><profile><id>p</id><properties><v>2</v>"
            "</properties></profile></profiles>"
            f"<dependencies>{LIB % '<version>${v}</version>'}</dependencies>"
        ),
        "${v}",
        "runtime",
        False,
    ),
    "a dependency of a profile": (
        (
            "<profiles><profile><id>p</id><dependencies>"
            f"{LIB % '<version>2</version>'}</dependencies></profile></profiles>"
        ),
        "2",
        "runtime",
        False,
    ),
}


@pytest.mark.parametrize("name", RESOLVED)
def test_what_a_pom_resolves(name: str) -> None:
    inside, specifier, scope, is_complete = RESOLVED[name]
    manifest = needs(inside)
    [need] = manifest.dependencies
    assert (need.name, need.specifier, need.scope) == ("org.acme:lib", specifier, scope)
    assert manifest.is_complete is is_complete


def test_a_pom_with_a_parent_is_not_complete() -> None:
    parent = "<parent><groupId>p</groupId><artifactId>p</artifactId><version>1</version></parent>"
    assert not needs(parent).is_complete
    assert needs("").is_complete
