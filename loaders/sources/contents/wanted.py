"""The crawled contents without facts of this version: one question to the landing zone."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import pyarrow as pa

from loaders.base.paths import bytes_of
from loaders.sources.contents.batches import Request
from loaders.sources.contents.extractor import Extractor
from loaders.sources.contents.languages import (
    README,
    kernel_languages,
    readme_names,
    source_languages,
)
from loaders.sources.contents.parsed import MAX_READ
from loaders.sources.crawl.tables import TABLES as CRAWL_TABLES
from loaders.zone.asking import asking, damaged_paths, table_paths
from loaders.zone.landing import LandingZone, LogEntry

_SOURCE, _NOTEBOOK = "source", "notebook"


class Wanted:
    """The work of *extractors*: contents on disk without facts of this version."""

    def __init__(self, zone: LandingZone, extractors: Sequence[Extractor]) -> None:
        entries = zone.entries()
        # The number of contents that each extractor has, if the question was asked.
        self.known: Sequence[int] = [0] * len(extractors)
        self.damaged: list[list[str]] = [[] for _ in extractors]
        self.requests: list[Request] = []
        self.too_large: list[Request] = []
        self.read_up_to = entries[-1].seq if entries else 0
        if not all(_has_read_all(entries, extractor) for extractor in extractors):
            self._ask(zone, extractors)

    def _ask(self, zone: LandingZone, extractors: Sequence[Extractor]) -> None:
        with asking(zone) as (db, entries):
            self.read_up_to = entries[-1].seq if entries else 0
            self.damaged = [
                damaged_paths(zone, entries, extractor.tables.keys()) for extractor in extractors
            ]
            db.register("languages", source_languages())
            db.register("kernels", kernel_languages())
            db.register("versions", _versions(extractors))
            parameters = {
                "readme": README,
                "readme_names": readme_names(),
                "files": table_paths(zone, CRAWL_TABLES["crawl_files"].name, entries),
            }
            for number, extractor in enumerate(extractors):
                # A content counts as known only where all that its run landed can be read.
                whole = [entry for entry in entries if _is_whole(entry, extractor)]
                parameters[f"known_{number}"] = table_paths(zone, extractor.content_table, whole)
            numbers = range(len(extractors))
            *rows, counts = db.execute(_query(numbers), parameters).fetchall()
        self.known = counts[-len(extractors) :]
        requests = [
            Request(
                sha256, path_bytes or bytes_of(path), language, size, tuple(more[: len(numbers)])
            )
            for sha256, path, path_bytes, language, size, *more in rows
        ]
        self.too_large = [request for request in requests if request.size_bytes > MAX_READ]
        self.requests = [request for request in requests if request.size_bytes <= MAX_READ]

    def has_work(self, number: int) -> bool:
        """Say whether there is anything to land by the extractor of this *number*."""
        return bool(self.damaged[number]) or any(
            request.versions[number]
            for requests in (self.requests, self.too_large)
            for request in requests
        )


def _is_whole(entry: LogEntry, extractor: Extractor) -> bool:
    return all(file.is_healthy() for file in entry.files if file.table in extractor.tables)


def _has_read_all(entries: Sequence[LogEntry], extractor: Extractor) -> bool:
    """Say whether the log alone shows that *extractor* has the facts of every content.

    Its newest run read each content that was wanted, and nothing was crawled since. The landed
    files are asked only where this is not so: that takes longer.
    """
    runs = [entry for entry in entries if entry.action == extractor.name]
    newest = runs[-1].manifest if runs else {}
    is_complete = newest.get("status") == "completed" and not newest["skipped"]
    if not is_complete or newest["config_hash"] != configuration_digest(extractor):
        return False
    read_up_to = newest["read_up_to"] or 0
    # A compaction lands again what earlier runs crawled; those still name their own files.
    later = [one.manifest for one in entries if one.seq > read_up_to and one.action != "compact"]
    is_crawled = any(
        file["table"] == CRAWL_TABLES["crawl_files"].name
        for manifest in later
        for file in manifest["files"]
    )
    return not is_crawled and all(_is_whole(entry, extractor) for entry in entries)


def configuration_digest(extractor: Extractor) -> str:
    """Return a digest of everything that decides which contents *extractor* reads, and how."""
    marks = [table.to_pydict() for table in (source_languages(), kernel_languages())]
    versions = _versions([extractor]).to_pydict()
    return hashlib.sha256(repr([readme_names(), marks, versions]).encode()).hexdigest()[:16]


def _versions(extractors: Sequence[Extractor]) -> pa.Table:
    """Return the version of each extractor for each form and language of a content that it looks
    at.
    """
    languages = sorted({*source_languages()["language"].to_pylist()})
    kernels = sorted({*kernel_languages()["language"].to_pylist()})
    rows = [
        (number, form, language, extractor.version(language))
        for number, extractor in enumerate(extractors)
        for form, found in (
            (_SOURCE, languages),
            (README, [README] if extractor.readmes else []),
            (_NOTEBOOK, kernels if extractor.notebooks else []),
        )
        for language in found
    ]
    names = ("extractor", "form", "language", "version")
    return pa.table(dict(zip(names, zip(*rows, strict=True), strict=True)))


# One row per content of a source file, a notebook or a readme on disk: its first path.
_CONTENTS = f"""
    with files as (
        select
            files.directory_path, files.name, files.path_bytes, files.state, files.kind,
            files.sha256, files.is_binary, files.size_bytes, files.tags, files.code_language,
            log.seq
        from landed($files) as files
        inner join log using (run_id)
    ),
    newest as (
        select * from files
        qualify row_number() over (partition by directory_path, name order by seq desc) = 1
    ),
    tag_sets as (
        select tags, min_by(languages.language, languages.precedence) as language
        from (select tags, unnest(tags) as tag from (select distinct tags from newest))
        inner join languages using (tag)
        group by tags
    ),
    contents as (
        select
            newest.sha256,
            min_by(rtrim(directory_path, '/') || '/' || name, (directory_path, name)) as path,
            min_by(path_bytes, (directory_path, name)) as path_bytes,
            min_by(tag_sets.language, (directory_path, name)) as source_language,
            min_by(kernels.language, (directory_path, name)) as kernel_language,
            -- A content that is source text somewhere is read as such.
            coalesce(source_language, kernel_language, $readme) as language,
            case
                when source_language is not null then '{_SOURCE}'
                when kernel_language is not null then '{_NOTEBOOK}'
                else $readme
            end as form,
            max(size_bytes) as size_bytes
        from newest
        left join tag_sets using (tags)
        left join kernels using (code_language)
        where (
            tag_sets.language is not null
            or kernels.language is not null
            or regexp_full_match(lower(newest.name), $readme_names)
        )
        and state = 'present' and kind = 'file' and not is_binary and size_bytes > 0
        group by newest.sha256
    )
"""


def _query(numbers: Sequence[int]) -> str:
    """Return the contents that are missing, with the version to be extracted of each; and at the
    end a row with the numbers of those that are known.
    """
    known = "".join(
        f"""
    , known_{number} as (
        select distinct sha256, extractor_version from landed($known_{number})
    )"""
        for number in numbers
    )
    columns = "".join(
        f""",
        if(known_{number}.sha256 is null, versions_{number}.version, null) as version_{number},
        known_{number}.sha256 is not null as is_known_{number}"""
        for number in numbers
    )
    joins = "".join(
        f"""
    left join versions as versions_{number}
        on versions_{number}.extractor = {number}
        and versions_{number}.form = contents.form
        and versions_{number}.language = contents.language
    left join known_{number}
        on known_{number}.sha256 = contents.sha256
        and known_{number}.extractor_version = versions_{number}.version"""
        for number in numbers
    )
    versions = ", ".join(f"version_{number}" for number in numbers)
    missing = " or ".join(f"version_{number} is not null" for number in numbers)
    nothing = ", ".join("null" for _ in numbers)
    counts = ", ".join(f"count_if(is_known_{number})" for number in numbers)
    return f"""{_CONTENTS} {known}
    , asked as (select contents.* {columns} from contents {joins})
    , rows_and_counts as (
        select sha256, path, path_bytes, language, size_bytes, {versions}, {nothing}
        from asked where {missing}
        union all
        select null, null, null, null, null, {nothing}, {counts} from asked
    )
    select * from rows_and_counts order by path nulls last
    """
