"""Land artifacts: find and recognise them, compare with their landed state, land new and changed
ones.

An artifact lands whole or not at all. One that is unchanged is only hashed. After all of them,
every path in them is checked, and lands if the answer differs from the last time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from itertools import chain
from typing import Any

from loaders.base.garbage import rare_collections
from loaders.base.masking import is_landed_as
from loaders.base.paths import bytes_if_different, bytes_of, text_of
from loaders.sources.artifacts.artifact_files import ArtifactFile, Candidate, Changed, find, opened
from loaders.sources.artifacts.artifact_rows import ArtifactWriter
from loaders.sources.artifacts.path_keys import (
    MAP_PREFIX,
    MappedPrefix,
    PathKeys,
    digest_of,
)
from loaders.sources.artifacts.strict_json import Invalid
from loaders.sources.codegraphx.checkouts import checkout_of
from loaders.sources.codegraphx.existence import land_path_states
from loaders.sources.codegraphx.known_artifacts import (
    Known,
    KnownArtifact,
    damaged_files,
    load_known,
)
from loaders.sources.codegraphx.read import Reading, read_artifact
from loaders.sources.codegraphx.sqlite import DatabaseFile, database_file
from loaders.sources.codegraphx.tables import CODEGRAPHX
from loaders.sources.crawl.excludes import Excludes, load_excludes
from loaders.sources.crawl.read import Unreadable, Vanished
from loaders.sources.crawl.roots import distinct_roots, kept_out, lock_roots
from loaders.sources.crawl.walk import NO_TIME
from loaders.zone.landing import LandingZone
from loaders.zone.registered import ROOT, Registered, registered_sources
from loaders.zone.registering import add_sources
from loaders.zone.runs import Run

# If this changes, every artifact is read again: the readers give other rows.
_READERS = 2
_ATTEMPTS = 3
_PART_ROWS = 1_000_000
_NOT_ONE = "no artifact of CodeGraphX that is known here"


@dataclass
class ArtifactSummary:
    """The outcome for one artifact."""

    path: str
    kind: str | None
    state: str  # landed, unchanged, quarantined
    rows: int = 0
    quarantined: int = 0
    variant: str | None = None
    reason: str | None = None


@dataclass
class Summary:
    """The outcome of one landing."""

    artifacts: list[ArtifactSummary] = field(default_factory=list)
    healthy_given: list[bytes] = field(
        default_factory=list
    )  # of the paths given, those with a healthy artifact
    existence: Mapping[str, int] = field(default_factory=dict)  # state → number of paths
    remarks: list[str] = field(default_factory=list)

    def as_object(self) -> dict[str, Any]:
        """Return what was landed and checked, ready for JSON."""
        return {"artifacts": [asdict(one) for one in self.artifacts], "looks": self.existence}

    def __str__(self) -> str:
        kinds = Counter(
            one.kind or "unknown" for one in self.artifacts if one.state != "quarantined"
        )
        counted = ", ".join(f"{count} {kind}" for kind, count in sorted(kinds.items())) or "none"
        existence = (
            ", ".join(f"{count} {state}" for state, count in sorted(self.existence.items()))
            or "none"
        )
        return f"artifacts: {counted}; paths they point at: {existence}"


def land_artifacts(
    zone: LandingZone,
    given: Sequence[bytes],
    argv: Sequence[str],
    progress: Callable[[str], None] = lambda line: None,
    *,
    action: str = "codegraphx",
    prefixes: Sequence[MappedPrefix] = (),
    roots: Iterable[bytes] = (),
    is_rehearsal: bool = False,
) -> tuple[Run, Summary]:
    """Land the artifacts at and below the *given* paths, none in another, as one run; return it and
    its summary.

    *roots* are the folders below which paths in artifacts may be checked, besides the places of
    *prefixes* and the checkouts of artifacts. With the action `catalog` only catalogues land. A
    rehearsal counts and lands nothing. Raises Busy, LandingError.
    """
    with ExitStack() as stack:
        if not is_rehearsal:
            lock_roots(zone, given, stack, action)
        start = zone.rehearsal if is_rehearsal else zone.run
        keys_digest = f"{_READERS}-{digest_of(prefixes)}"
        scope = [text_of(path) for path in given]
        run = stack.enter_context(
            start(action, argv, scope, config_hash=keys_digest, part_rows=_PART_ROWS)
        )
        stack.enter_context(rare_collections())
        landing = _Landing(zone, run, given, prefixes, roots, keys_digest, progress)
        landing.land()
        return run, landing.summary


@dataclass
class _Artifact:
    """A file that is one, or might be."""

    path: bytes
    is_expected: bool  # named by the user, or known as an artifact
    file: ArtifactFile | None = None
    checkout: bytes | None = None

    @property
    def text(self) -> str:
        return text_of(self.path)

    @property
    def checkout_text(self) -> str | None:
        return None if self.checkout is None else text_of(self.checkout)


@dataclass
class _Landing:
    zone: LandingZone
    run: Run
    given: Sequence[bytes]
    prefixes: Sequence[MappedPrefix]
    roots: Iterable[bytes]
    keys_digest: str
    progress: Callable[[str], None]
    summary: Summary = field(default_factory=Summary)
    known: Known = field(init=False)
    # Artifact path → keys of what it points at, as of this run.
    pointers: dict[str, set[str]] = field(init=False)
    met: set[str] = field(default_factory=set)
    keys: dict[bytes | None, PathKeys] = field(default_factory=dict)

    def land(self) -> None:
        self.known = load_known(self.zone)
        self.pointers = self.known.pointers
        excludes = load_excludes("default").without(kept_out(self.zone))
        for given in self.given:
            self._take_all(given, excludes)
        self.progress("checking whether the paths in artifacts exist")
        self._check_existence()
        self.run.replaces += damaged_files(self.zone, self.known, self.given, self.met)

    def _take_all(self, given: bytes, excludes: Excludes) -> None:
        artifacts_before, problems_before = len(self.summary.artifacts), self.run.problem_count
        for met in find(given, excludes):
            self._take(met)
        artifacts = self.summary.artifacts[artifacts_before:]
        if any(one.state != "quarantined" for one in artifacts):
            self.summary.healthy_given.append(given)
        elif not artifacts and self.run.problem_count == problems_before:
            self.summary.remarks.append(f"{text_of(given)}: {_NOT_ONE}")

    def _check_existence(self) -> None:
        folders = [
            *self.roots,
            *(prefix.new for prefix in self.prefixes),
            *map(bytes_of, self.known.checkouts),
        ]
        keys = chain.from_iterable(self.pointers.values())
        self.summary.existence, remarks = land_path_states(
            self.run, keys, folders, self.known.existence
        )
        self.summary.remarks += remarks

    # -- one file ----------------------------------------------------------------------------------

    def _take(self, met: Candidate) -> None:
        path = text_of(met.path)
        if met.skipped:
            self.run.counts.skipped += 1
        elif met.problem:
            self.run.counts.quarantined += 1
            self.run.problem(f"{path}: {met.problem}")
        else:
            self.met.add(path)
            self._take_file(
                _Artifact(met.path, met.is_named or path in self.known.artifacts), met.identity
            )

    def _take_file(self, artifact: _Artifact, identity: tuple[int, int] | None) -> None:
        for _ in range(_ATTEMPTS):
            with ExitStack() as stack:
                try:
                    file = stack.enter_context(opened(artifact.path, identity))
                    artifact.file = file
                    database = stack.enter_context(database_file(file))
                    artifact.checkout = checkout_of(artifact.path)
                    self._take_content(artifact, file, database)
                except Changed:
                    continue
                except Vanished:
                    self.run.counts.skipped += 1
                except Unreadable as error:
                    self._quarantine(artifact, f"cannot be read: {error}")
                return
        self._quarantine(artifact, "kept changing while it was being read")

    def _take_content(
        self, artifact: _Artifact, file: ArtifactFile, database: DatabaseFile | None
    ) -> None:
        """Leave, land or quarantine what an open file holds. Raises Changed."""
        content = database or file
        known = self.known.artifacts.get(artifact.text)
        if known and self._is_as_known(known, artifact, content):
            self._leave(artifact, known)
            return
        with ArtifactWriter(self.run, {"artifact_path": artifact.text}) as writer:
            reading = Reading(
                writer,
                self._keys_from(artifact.checkout),
                self.run.directory,
                self._progress_of(artifact),
            )
            try:
                is_one = read_artifact(
                    file, database, reading, only_catalogs=self.run.action == "catalog"
                )
                fault = None if is_one else _NOT_ONE
            except Invalid as error:
                is_one, fault = reading.kind is not None, str(error)
            digest = content.digest() if is_one or artifact.is_expected else None
            content.check()
            if digest is None:
                self.run.counts.skipped += 1
            elif fault is None:
                self._keep(artifact, reading, digest)
            else:
                self._quarantine(artifact, fault, reading.kind, digest)

    def _is_as_known(
        self, known: KnownArtifact, artifact: _Artifact, content: ArtifactFile | DatabaseFile
    ) -> bool:
        has_equal_keys = (known.keys_digest, known.checkout_path) == (
            self.keys_digest,
            artifact.checkout_text,
        )
        return has_equal_keys and known.sha256 == content.digest()

    def _keys_from(self, checkout: bytes | None) -> PathKeys:
        if checkout not in self.keys:
            self.keys[checkout] = PathKeys(self.prefixes, checkout)
        return self.keys[checkout]

    def _progress_of(self, artifact: _Artifact) -> Callable[[int], None]:
        return lambda rows: self.progress(f"{artifact.text}: {rows:,} rows")

    # -- what became of it -------------------------------------------------------------------------

    def _leave(self, artifact: _Artifact, known: KnownArtifact) -> None:
        """Count the landed rows of an unchanged artifact."""
        counts = self.run.counts
        counts.unchanged += known.row_count
        counts.quarantined += known.quarantined_count
        if known.quarantined_count:
            self.run.problem(
                f"{artifact.text}: "
                f"{known.reason or _left_out(known.quarantined_count) + ', as before'}"
            )
        state = "unchanged" if known.state == "landed" else known.state
        self.summary.artifacts.append(
            ArtifactSummary(
                artifact.text,
                known.kind,
                state,
                known.row_count,
                known.quarantined_count,
                reason=known.reason,
            )
        )

    def _keep(self, artifact: _Artifact, reading: Reading, digest: str) -> None:
        reading.writer.commit()
        rows, rejected = reading.writer.row_count, reading.reject_count
        self.run.counts.landed += rows
        self.run.counts.quarantined += rejected
        if first := reading.first_reject:
            self.run.problem(
                f"{artifact.text}: {_left_out(rejected)}, the first at {first.position}: "
                f"{first.reason}"
            )
        self.pointers[artifact.text] = reading.path_keys
        if artifact.checkout_text:
            self.known.checkouts.add(artifact.checkout_text)
        variant = ",".join(sorted(reading.variants)) or None
        self._land(
            artifact,
            ArtifactSummary(artifact.text, reading.kind, "landed", rows, rejected, variant),
            digest,
        )

    def _quarantine(
        self, artifact: _Artifact, reason: str, kind: str | None = None, digest: str | None = None
    ) -> None:
        """Land that nothing of an artifact can be taken, unless that is known."""
        self.run.counts.quarantined += 1
        self.run.problem(
            f"{artifact.text}: {reason}" if kind is None else f"{artifact.text} ({kind}): {reason}"
        )
        known = self.known.artifacts.get(artifact.text)
        summary = ArtifactSummary(artifact.text, kind, "quarantined", 0, 1, reason=reason)
        is_known = known and known.state == summary.state and is_landed_as(reason, known.reason)
        if digest is None and is_known:
            self.summary.artifacts.append(summary)
        else:
            self._land(artifact, summary, digest)

    def _land(self, artifact: _Artifact, summary: ArtifactSummary, digest: str | None) -> None:
        self.summary.artifacts.append(summary)
        row = {
            "artifact_path": summary.path,
            "path_bytes": bytes_if_different(artifact.path, summary.path),
            "kind": summary.kind,
            "state": summary.state,
            "reason": summary.reason,
            "checkout_path": artifact.checkout_text,
            "sha256": digest,
            "row_count": summary.rows,
            "quarantined_count": summary.quarantined,
            "variant": summary.variant,
        }
        if file := artifact.file:
            row |= {
                "size_bytes": file.size,
                "mtime_ns": None if file.mtime_ns == NO_TIME else file.mtime_ns,
            }
        self.run.table("artifacts").append_rows([row])


def _left_out(count: int) -> str:
    return f"{count} of its rows left out" if count > 1 else "one of its rows left out"


def land_codegraphx(
    zone: LandingZone,
    given: Iterable[bytes],
    argv: Sequence[str],
    progress: Callable[[str], None] = lambda line: None,
    *,
    action: str = CODEGRAPHX,
    prefixes: Sequence[MappedPrefix] = (),
    is_rehearsal: bool = False,
) -> tuple[Run, Summary]:
    """Land the artifacts at the *given* paths and register those that hold any, with the
    *prefixes*.

    Registered prefixes also map paths. A rehearsal lands and registers nothing and only counts.
    Returns the run and its summary. Raises Busy, LandingError.
    """
    paths, _ = distinct_roots(given)
    mapped = {
        source.path: MappedPrefix(source.path_bytes.decode(), bytes_of(source.profile))
        for source in registered_sources(zone, MAP_PREFIX)
    }
    mapped |= {prefix.key: prefix for prefix in prefixes}
    run, summary = land_artifacts(
        zone,
        paths,
        argv,
        progress,
        action=action,
        prefixes=list(mapped.values()),
        roots=[source.path_bytes for source in registered_sources(zone, ROOT)],
        is_rehearsal=is_rehearsal,
    )
    if summary.healthy_given and not is_rehearsal:
        sources = [Registered(action, text_of(path), "") for path in summary.healthy_given]
        sources += [Registered(MAP_PREFIX, prefix.key, text_of(prefix.new)) for prefix in prefixes]
        add_sources(zone, sources, argv)
    return run, summary
