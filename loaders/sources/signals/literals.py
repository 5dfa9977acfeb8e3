"""Kinds of string literals that show the purpose of code, in any language."""

from __future__ import annotations


def kind_of_text(text: str) -> str | None:
    """Return the shape of a string that shows what it is for, None of most."""
    if text.startswith(("http://", "https://")):
        return "text of a url"
    if text.startswith(("/proc", "/sys/", "/etc/", "/dev/", "/var/", "C:\\")):
        return "text of a system path"
    if text.startswith("--") and len(text) < 40 and " " not in text:
        return "text of an option"
    if "\x1b[" in text or "\\033[" in text:
        return "text of terminal colours"
    if "<" in text and ("</" in text or "/>" in text or "<html" in text or "<!" in text):
        return "text of markup"
    if text[:7].upper() in ("SELECT ", "INSERT ", "UPDATE ", "DELETE ", "CREATE "):
        return "text of sql"
    if "\\s" in text or "(?:" in text or "\\d" in text or "(?P<" in text or "\\w" in text:
        return "text of a pattern"
    if text.endswith("\n") and " " in text:
        return "text of a line"
    return None
