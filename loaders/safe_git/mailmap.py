"""Parse `.mailmap` files by the rules of git (gitmailmap(5), mailmap.c)."""

from __future__ import annotations

from dataclasses import dataclass

from loaders.base.paths import clean_text

_BLANKS = " \t\r\n"


@dataclass(frozen=True)
class Mapping:
    """The proper name and address for the authors with one address, or with one name and address.

    None as a proper part: the part of the commit stays. The address and the name that commits have
    are in lower case.
    """

    commit_email: str
    commit_name: str  # empty: every name
    proper_name: str | None
    proper_email: str | None


def parse_mailmap(text: bytes) -> list[Mapping]:
    """Return what applies after all lines, of which later ones overrule earlier ones."""
    simple: dict[str, tuple[str | None, str | None]] = {}
    named: dict[tuple[str, str], tuple[str | None, str | None]] = {}
    for line in text.decode("utf-8", "surrogateescape").split("\n"):
        first = None if line.startswith("#") else _identity(line, may_be_empty=False)
        if first is None:
            continue
        name, email, rest = first
        second = _identity(rest, may_be_empty=True)
        if second is None:
            proper: tuple[str | None, str | None] = (name, None)
            key, commit_name = email.lower(), None
        else:
            proper, key, commit_name = (name, email), second[1].lower(), second[0]
        if commit_name is not None:
            named[key, commit_name.lower()] = proper
        else:
            before = simple.get(key, (None, None))
            simple[key] = (proper[0] or before[0], proper[1] or before[1])
    return [
        *(Mapping(email, "", *proper) for email, proper in sorted(simple.items()) if any(proper)),
        *(Mapping(email, name, *proper) for (email, name), proper in sorted(named.items())),
    ]


def _identity(text: str, *, may_be_empty: bool) -> tuple[str | None, str, str] | None:
    """Return the name, the address and the rest of `Name <address> rest`; None without address."""
    name, opened, rest = text.partition("<")
    email, closed, rest = rest.partition(">")
    if not opened or not closed or not (email or may_be_empty):
        return None
    return clean_text(name.strip(_BLANKS)) or None, clean_text(email), rest
