"""Technologies by the names that people type."""

from __future__ import annotations

import difflib

from enrich.db import Published
from enrich.options import Refusal


def known_technology(published: Published, given: str) -> str:
    """Return the name of the technology as it is written. Raises Refusal if there is none."""
    known: dict[str, str] = {
        name.lower(): name
        for (name,) in published.query("select technology_name from technology_patterns").rows
    }
    if given.lower() in known:
        return known[given.lower()]
    near = difflib.get_close_matches(given.lower(), known, n=3)
    hint = f"; did you mean {' or '.join(known[name] for name in near)}?" if near else ""
    raise Refusal(f"no technology is called {given}{hint}")
