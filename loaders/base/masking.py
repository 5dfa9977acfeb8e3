"""No secret lands: what others wrote is masked column by column, on its way into a landed file.

Every column of text is in one of four groups. A *text* is read by people. A *name* is also a key:
equal names stay equal, different ones different. A *document* is JSON and stays it. Everything else
is a word of this product, a digest or a path, and is *left* unchanged: a file whose name is a
secret keeps its name.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from loaders.base.paths import clean_text
from loaders.base.secret_forms import Form, any_form, forms, masked, masked_value

TEXT, NAME, DOCUMENT, LEFT = "text", "name", "document", "left"
# Which forms a text may hold; None: any.
Among = Sequence[Form] | None
Mask = Callable[..., str]
# An array of text holds at most two gigabytes.
_SEARCHED_BYTES = 256 << 20


def _group(kind: str, names: str) -> dict[str, str]:
    return dict.fromkeys(names.split(), kind)


_COLUMNS = {
    **_group(
        TEXT,
        "action actor_email actor_name author_email author_name body committer_email "
        "committer_name error_message excerpt link_target marker note owner rationale reason "
        "recommended_action remote_url source_key specifier subject table_name title",
    ),
    **_group(
        NAME,
        "callee_name callee_uid caller_uid calls canonical_name default_branch default_ref "
        "dst_label dst_uid file_uid function_calls function_name function_uid functions "
        "group_name head_ref identity import_name imports label left_id name pointer project "
        "ref_name right_id source_project src_label src_uid symbolic_target uid version",
    ),
    **_group(
        DOCUMENT,
        "argv document evidence evidence_json item more phase7_performance_json row "
        "top_collectors_json",
    ),
    **_group(
        LEFT,
        "action_id action_type artifact_path ast_artifact author_hash author_zone blob_after "
        "blob_before caller_file cause change_type changes_state checkout_path command "
        "command_argv command_cwd command_effect commit_sha committer_zone config_path "
        "created_at default_commit directory_path ecosystem event events_artifact ext "
        "extractor_version file_path file_path_key files finding_id finding_ids fingerprint "
        "format gap_type hash head_commit kind language list metric mode_after mode_before "
        "object_format object_id object_type old_path own_digest pair_type parents parse_state "
        "path path_key phase7_repo_fingerprint pipeline7_summary_artifact pointer_kind profile "
        "project_id project_path rel_path repository_path root root_key root_path rule_version "
        "run_id scan_artifact scope settings_path severity sha256 signals signature_hash "
        "source_path source_path_key state status subject_pattern subject_run_id tags "
        "threshold_hash tree_digest tree_id updated_at variant vcs worktree_path "
        "worktree_pointers code_ref config_hash meta_now parent_run_id tool_version tools",
    ),
}
# Columns of one table that are not treated as the same name is elsewhere, or have a name of their
# own.
_OF_TABLES: dict[tuple[str, str], str] = {("runs", "action"): LEFT}


def set_groups(table: str, groups: Mapping[str, str]) -> None:
    """Set how columns of *table* are treated: group → their names, separated by spaces."""
    for group, names in groups.items():
        _OF_TABLES.update({(table, name): group for name in names.split()})


def group_of(table: str, column: str) -> str:
    """Return how a column of text is treated.

    Raises KeyError if neither its table nor this module says.
    """
    group = _OF_TABLES.get((table, column)) or _COLUMNS.get(column)
    if group is None:
        raise KeyError(f"{table}.{column}: declare in `masked` of the table how it is masked")
    return group


def masked_columns(table: str, schema: pa.Schema) -> list[str]:
    """Return the columns of *table* that may hold a secret."""
    return [
        item.name for item in schema if _has_text(item.type) and group_of(table, item.name) != LEFT
    ]


def masked_message(text: str, counts: Counter[str] | None = None) -> str:
    """Return *text* as it may be kept: nothing in it that a terminal would obey, and no secret."""
    return masked(clean_text(text), counts=counts)


def is_landed_as(text: str | None, landed: str | None) -> bool:
    """Say whether *text*, as it is read now, is what landed as *landed*."""
    if text == landed or text is None or landed is None:
        return text == landed
    return "[secret: " in landed and masked(text) == landed


@dataclass
class Masker:
    """Masks what one run lands, and counts by form.

    *key* makes the marks in names of one zone its own.
    """

    key: str = ""
    counts: Counter[str] = field(default_factory=Counter)

    def table(self, name: str, rows: pa.Table) -> pa.Table:
        """Return *rows* of the table *name* without secrets; they themselves where they hold
        none.
        """
        for column in _suspect_columns(rows, masked_columns(name, rows.schema)):
            mask = {TEXT: self._text, NAME: self._name, DOCUMENT: self._document}[
                group_of(name, column)
            ]
            before = rows[column].chunks
            now = [_masked_array(chunk, mask) for chunk in before]
            if any(new is not old for new, old in zip(now, before, strict=True)):
                place = rows.schema.get_field_index(column)
                item = rows.schema.field(place)
                rows = rows.set_column(place, item, pa.chunked_array(now, item.type))
        return rows

    def message(self, text: str) -> str:
        """Return *text* as a record of the run may keep it."""
        return masked_message(text, self.counts)

    def _text(self, text: str, among: Among = None) -> str:
        return masked(text, None, self.counts, among)

    def _name(self, text: str, among: Among = None) -> str:
        return masked(text, self.key, self.counts, among)

    def _document(self, text: str, among: Among = None) -> str:
        try:
            found = json.loads(text)
        except (ValueError, RecursionError):
            return self._text(text, among)
        before = self.counts.total()
        now = self._value("", found)
        return text if self.counts.total() == before else json.dumps(now, ensure_ascii=False)

    def _value(self, name: str, value: Any) -> Any:
        """Return a value of a document, which has *name* there, or that of the list that holds
        it.
        """
        if isinstance(value, dict):
            return {self._name(key): self._value(key, inner) for key, inner in value.items()}
        if isinstance(value, list):
            return [self._value(name, inner) for inner in value]
        if isinstance(value, str):
            return masked_value(name, value, counts=self.counts)
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            now = masked_value(name, str(value), counts=self.counts)
            return value if now == str(value) else now
        return value


def _has_text(kind: pa.DataType) -> bool:
    if pa.types.is_list(kind):
        return _has_text(kind.value_type)
    if pa.types.is_struct(kind):
        return any(_has_text(item.type) for item in kind)
    return bool(pa.types.is_string(kind))


def _suspect_columns(rows: pa.Table, columns: Sequence[str]) -> list[str]:
    """Return those of *columns* in which a text, however deep, may hold a secret.

    All columns are searched together: the engine compiles the expression for each array that it is
    given, which takes as long as the search of ten thousand names.
    """
    texts = [
        (column, _distinct(leaf))
        for column in columns
        for chunk in rows[column].chunks
        for leaf in _leaves(chunk)
    ]
    suspects = set()
    for some in _portions(texts):
        found = pc.match_substring_regex(pa.concat_arrays([leaf for _, leaf in some]), any_form())
        start = 0
        for column, leaf in some:
            if pc.any(found.slice(start, len(leaf))).as_py():
                suspects.add(column)
            start += len(leaf)
    return [column for column in columns if column in suspects]


def _distinct(texts: pa.Array) -> pa.Array:
    """Return each text once if most are repeated, as names are; else *texts*."""
    sample = texts[:1000]
    return pc.unique(texts) if 2 * len(pc.unique(sample)) <= len(sample) else texts


def _portions(texts: list[tuple[str, pa.Array]]) -> Iterator[list[tuple[str, pa.Array]]]:
    """Yield *texts* in order, in lists whose texts fit into one array."""
    portion: list[tuple[str, pa.Array]] = []
    size = 0
    for column, leaf in texts:
        if portion and size + leaf.nbytes > _SEARCHED_BYTES:
            yield portion
            portion, size = [], 0
        portion.append((column, leaf))
        size += leaf.nbytes
    if portion:
        yield portion


def _masked_array(values: pa.Array, mask: Mask) -> pa.Array:
    """Return *values* masked; the same object if no text in them, at any depth, may contain a
    secret.
    """
    if not pa.types.is_string(values.type):
        if not any(map(_may_hold, _leaves(values))):
            return values
        return pa.array([_in_depth(value, mask) for value in values.to_pylist()], values.type)
    found = pc.match_substring_regex(values, any_form())
    if not pc.any(found).as_py():
        return values
    found = pc.fill_null(found, False)
    suspects = values.filter(found)
    # One search over all texts finds the forms that they may contain: that is quick.
    among: list[list[Form]] = [[] for _ in range(len(suspects))]
    for form in forms():
        for place in pc.indices_nonzero(pc.match_substring_regex(suspects, form.quick)).to_pylist():
            among[place].append(form)
    return pc.replace_with_mask(
        values, found, pa.array(map(mask, suspects.to_pylist(), among), values.type)
    )


def _leaves(values: pa.Array) -> Iterator[pa.Array]:
    """Yield the texts in lists and structs, each kind of them as an array."""
    if pa.types.is_string(values.type):
        yield values
    elif pa.types.is_list(values.type):
        yield from _leaves(values.flatten())
    elif pa.types.is_struct(values.type):
        for inner in values.flatten():
            yield from _leaves(inner)


def _may_hold(texts: pa.Array) -> bool:
    return pc.any(pc.match_substring_regex(texts, any_form())).as_py() or False


def _in_depth(value: Any, mask: Mask) -> Any:
    if isinstance(value, str):
        return mask(value)
    if isinstance(value, list):
        return [_in_depth(inner, mask) for inner in value]
    if isinstance(value, dict):
        return {name: _in_depth(inner, mask) for name, inner in value.items()}
    return value
