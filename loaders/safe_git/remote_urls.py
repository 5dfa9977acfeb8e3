"""Clean remote URLs of anything that could be a secret.

The forms are those of git-fetch(1), "GIT URLS", and gitremote-helpers(7). If a password cannot be
distinguished from a path, nothing is kept: a missing URL does less harm than a leaked password.
"""

from __future__ import annotations

import re
from urllib.parse import unquote

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
_HELPER = re.compile(r"([A-Za-z0-9][A-Za-z0-9+.-]*)::")
_URL = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://(.*)")
_HOST = re.compile(r"(?:[\w.-]+|\[[0-9A-Fa-f:.]+\])")
_HOST_PORT = re.compile(_HOST.pattern + r"(?::\d{1,5})?")
_SCP = re.compile(rf"({_HOST.pattern}):(.*)")
# The name of a user or a helper. Tokens do not match: they are long or have capitals and digits.
_PLAIN_NAME = re.compile(r"[a-z_][a-z_-]{0,15}")
_LONGEST = 4096


def clean_remote_url(url: str | bytes) -> str | None:
    """Return the URL without userinfo, query and fragment; None if this cannot be done safely.

    `https://u:p@host/x?t=1` → `https://host/x`; `git@host:x` keeps its user, `u:p@host:x` does
    not; `ext::…` and other helpers keep only the helper's name; local paths are unchanged.
    """
    if isinstance(url, bytes):
        url = url.decode("utf-8", "surrogateescape")
    url = url.strip(" ")
    if not url or len(url) > _LONGEST or _CONTROL.search(url):
        return None
    if helper := _HELPER.match(url):
        return f"{helper[1]}::" if _PLAIN_NAME.fullmatch(helper[1]) else None
    if match := _URL.fullmatch(url):
        return _clean_url(match[1].lower(), match[2])
    if ":" in url.partition("/")[0]:
        return _clean_scp(url)
    return _clean_local(url)


def _clean_url(scheme: str, rest: str) -> str | None:
    authority, slash, path = rest.partition("/")
    if scheme == "file" and not authority:
        return f"file://{_until_query('/' + path)}" if _clean_local("/" + path) else None
    userinfo, _, host = authority.rpartition("@")
    # A password may contain `/`, `?` or `#` unescaped; a later `@` shows this.
    if "@" in unquote(path) or (userinfo and re.search(r"[?#]", authority)):
        return None
    if not _HOST_PORT.fullmatch(_until_query(host)):
        return None
    if host != _until_query(host):
        return f"{scheme}://{_until_query(host)}"
    return f"{scheme}://{host}{slash}{_until_query(path)}"


def _clean_scp(url: str) -> str | None:
    userinfo, _, address = url.rpartition("@")
    match = _SCP.fullmatch(address)
    if not match or re.search(r"[/?#]", userinfo) or "@" in unquote(match[2]):
        return None
    user = f"{userinfo}@" if _PLAIN_NAME.fullmatch(userinfo) else ""
    return f"{user}{match[1]}:{_until_query(match[2])}"


def _clean_local(path: str) -> str | None:
    """Return a path on this machine; None for `token@host/path`, a URL without its scheme."""
    text = unquote(path)
    if "@" in text and (":" in text or not re.match(r"/[^/@]+/", text)):
        return None
    return path


def _until_query(text: str) -> str:
    return re.split(r"[?#]", text, maxsplit=1)[0]
