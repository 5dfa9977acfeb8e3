"""Read from the first lines of a readme whether its project lives.

Only a statement about the project itself counts: a heading or notice that consists of the word, a
sentence whose subject is the project, or the badge of a known form.
"""

from __future__ import annotations

import re

UNSTATED = "unstated"
_MAX_CHARACTERS = 4_000
_MAX_LINES = 40

_STATES = {
    "archived": r"archived|read[- ]only archive",
    "deprecated": r"deprecated|obsolete|superseded|end[- ]of[- ]life|eol",
    "unmaintained": (
        r"unmaintained|abandoned|discontinued|retired|inactive|dormant|dead|defunct"
        r"|sunset(?:ted)?|no longer active"
        r"|(?:no longer|not)(?: being)?(?: actively)? (?:maintained|developed"
        r"|under (?:active )?development|in development)"
        # Not "supported on Windows".
        r"|(?:unsupported|(?:no longer|not)(?: being)?(?: actively)? supported)"
        r"(?! (?:on|in|by|for|with|under|via|if|when|as|at)\b)"
    ),
}
_ANY = "|".join(f"(?P<{state}>{words})" for state, words in _STATES.items())
_THING = (
    r"(?:project|repo|repository|package|library|module|gem|crate|plugin|extension|tool|app"
    r"|application|software|program|codebase|action|image|bundle|framework|sdk|client|fork)"
)
# Projects that a readme distinguishes from its own: that of which it is a fork, or an earlier one.
_ANOTHER = (
    r"(?:original|upstream|parent|previous|prior|earlier|old|older|former|legacy|underlying|forked"
    r"|first|other|v?\d[\w.]*)"
)
# The subject of a sentence: the project. Not "the old API" and not "Python 2".
_SUBJECT = rf"(?:this|the|our) (?!(?:[\w-]+ )?{_ANOTHER} )(?:[\w-]+ ){{0,2}}?{_THING}(?: [\w./-]+)?"
_VERB = (
    r"(?:is|has been|was|has now been|is being|are|has reached(?: its)?)"
    r"(?: (?:now|currently|officially|hereby|also|fully))*"
)
# Words that may follow a state. Before any other word, it describes that word: "dead simple".
_FOLLOWING = (
    r"(?=$|[^\w ]| [^\w]| (?:after|and|any|anymore|as|at|because|but|by|due|for|from|here|if|in|no"
    r"|now|on|or|please|see|since|so|there|to|until|use|when|with)\b)(?! by default\b)"
)


def _sentence(subject: str) -> re.Pattern[str]:
    """Return the pattern of a sentence that says a state of the *subject*, itself a pattern."""
    begin = r"(?:^|[].!:;>] ?|\bnote:? |\bwarning:? )"
    return re.compile(rf"{begin}{subject} {_VERB} (?:{_ANY})\b{_FOLLOWING}", re.IGNORECASE)


_SENTENCE = _sentence(rf"(?:{_SUBJECT}|this|{_THING})")
# Sentences about the end of the work, without the project as their subject.
_WORK_ENDED = re.compile(
    r"\b(?:i|we)(?: am| are|'m|'re)? (?:no longer|not)(?: actively)? maintain(?:ing)?"
    r" (?:it|this|the (?:project|package|library|repository))\b"
    r"|(?:^|[.!:;] ?)(?:all )?(?:active )?(?:development|maintenance)(?: of (?:this|the) \w+)?"
    r" (?:has|was) (?:been )?(?:ceased|stopped|ended|discontinued|halted)\b",
    re.IGNORECASE,
)
# A paragraph about an end that did not last.
_GOES_ON = re.compile(
    r"\b(?:reviv\w+|resurrect\w+|alive again|(?:now|again) (?:actively )?maintained by)\b",
    re.IGNORECASE,
)
# `DEPRECATED`, `Unmaintained: use …`, `No longer maintained.`
_NOTICE = re.compile(
    rf"^(?:(?:status|warning|note|notice|important|caution|attention)\b[ :!-]*)?"
    rf"(?:(?:this )?{_THING} )?(?:{_ANY})(?: (?:project|repository|notice|package))?"
    r"(?:$|[.!:;,–—]| - | in favou?r of\b| since\b| as of\b| use\b|, )",
    re.IGNORECASE,
)
_IN_BRACKETS = re.compile(rf"[\[({{](?:{_ANY})[\])}}]", re.IGNORECASE)
_TITLE_END = re.compile(rf"[-–—:|] ?(?:{_ANY})$", re.IGNORECASE)
_BADGE = re.compile(
    r"repostatus\.org/badges/[\w.]+/(?P<unmaintained>abandoned|unsupported|inactive)"
    r"|unmaintained\.tech|shields\.io/maintenance/no\b"
    r"|badge/(?:no[-_ ])?maint\w*(?:%3F|\?)?[-/ _](?:status[-/ _])?(?:no|deprecated"
    r"|unmaintained|none|end|inactive)\b"
    r"|badge/(?:status|lifecycle|project|state)[-/ _](?:[\w%]+[-/ _])?(?P<archived>archived)\b"
    r"|badge/(?:status|lifecycle|project|state)[-/ _](?:[\w%]+[-/ _])?"
    r"(?P<deprecated>deprecated|superseded|defunct|retired)\b",
    re.IGNORECASE,
)
_ITEM = re.compile(r"\s*(?:[-+*]|\d+[.)])\s")
_MARKUP = re.compile(
    r"[*_`~#>|=]+|!?\[([^\]\[]*)\]\([^)]*\)|<[^>]{0,200}>|:[a-z_]+:|[^\x00-\x7f–—]+"
)


def lifecycle_of(text: str) -> str:
    """Return `deprecated`, `archived` or `unmaintained`, else `unstated`, by the first lines."""
    head = text[:_MAX_CHARACTERS]
    lines = head.replace("\u2019", "'").split("\n")[:_MAX_LINES]
    if found := _BADGE.search("\n".join(lines)):
        return _state(found) or "unmaintained"
    paragraphs = _paragraphs(lines)
    about_it = _about(paragraphs[0]) if paragraphs else None
    for number, paragraph in enumerate(paragraphs):
        if state := _stated(paragraph, number == 0, about_it):
            return state
    return UNSTATED


def _about(title: str) -> re.Pattern[str] | None:
    """Return the sentence whose subject is the name of the project, if the title is a name."""
    if not re.fullmatch(r"[\w.-]{2,40}", title):
        return None
    return _sentence(re.escape(title))


def _paragraphs(lines: list[str]) -> list[str]:
    """Return the paragraphs as plain text in one line each; a heading is one of its own.

    Items of lists describe features, so they are left out.
    """
    found: list[list[str]] = [[]]
    for line in lines:
        plain = " ".join(_MARKUP.sub(lambda match: f" {match[1] or ''} ", line).split())
        if not plain or _ITEM.match(line):
            found.append([])
        elif line.lstrip().startswith("#"):
            found += [[plain], []]
        else:
            found[-1].append(plain)
    return [" ".join(part).strip() for part in found if any(part)]


def _stated(paragraph: str, is_first: bool, about_it: re.Pattern[str] | None) -> str | None:
    text = paragraph.strip(" -.!").replace("isn't", "is not")
    if _GOES_ON.search(text):
        return None
    # A first heading in small letters is the name of the project.
    is_name = is_first and text.islower() and " " not in text
    for pattern in (_SENTENCE,) if is_name else (_NOTICE, _SENTENCE, about_it):
        if pattern and (found := pattern.search(text)):
            return _state(found)
    if _WORK_ENDED.search(text):
        return "unmaintained"
    if len(text) <= 100:
        for pattern in (_IN_BRACKETS, _TITLE_END):
            if found := pattern.search(text):
                return _state(found)
    return None


def _state(found: re.Match[str]) -> str | None:
    return next((state for state, words in found.groupdict().items() if words), None)
