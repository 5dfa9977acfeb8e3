"""Generates the facts of a large landing zone: repositories that are not on disk, and their past.

The facts are landed as a crawl, readings and histories land theirs, beside those of one real folder
that was refreshed before. The versions of readers and the columns are those that the zone has, so
that older code can read its own zone afterwards. Everything follows from the size alone.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from loaders.base.engine_paths import plain_path
from loaders.sources import registry
from loaders.zone.landing import LandingZone
from loaders.zone.runs import Run

ROOT = "/srv/large"
FILES_OF_REPOSITORY = 1_000
_CHANGES_OF_COMMIT = 10
_COMMITS_OF_REPOSITORY = 500  # so every file is changed five times
_BATCH_ROWS = 50_000
_SCOPES = {
    "crawl": ROOT,
    "signals": "signals",
    "code": "code",
    "git": "git",
    "git-lines": "git-lines",
}

# Half of the files are source files, each with a content of its own.
_WORLD = f"""
    create macro id_of(kind, one, two) as sha256(concat_ws(' ', kind, one, two));
    create macro short_id_of(kind, one, two) as left(id_of(kind, one, two), 40);
    create table repositories as
    select number as r, '{ROOT}/group_' || number // 20 || '/repository_' || number as path,
    from range($files // {FILES_OF_REPOSITORY}) as numbers (number);
    create table world as
    select r, f, path,
        case when f = 0 then 'pyproject.toml' when f % 2 = 1 then 'module_' || f || '.py'
            else 'data_' || f || '.json' end as name,
        case when f > 0 then '/src/package_' || f // 25 else '' end as folder,
        case when f = 0 then ['text', 'toml', 'pyproject'] when f % 2 = 1 then ['python', 'text']
            else ['json', 'text'] end as tags,
        id_of('content', r, f) as sha256, short_id_of('blob', r, f) as blob_id,
        400 + (r * 31 + f * 17) % 9000 as size_bytes,
    from repositories cross join range({FILES_OF_REPOSITORY}) as files (f);
    create table commits as
    select r, c, path, short_id_of('commit', r, c) as commit_sha,
        if(c = 0, [], [short_id_of('commit', r, c - 1)]) as parents,
        $now - to_hours(cast(({_COMMITS_OF_REPOSITORY} - c) * 37 + r % 24 as integer)) as moment,
        'Author ' || (r * 7 + c * 3) % 40 as author,
    from repositories cross join range({_COMMITS_OF_REPOSITORY}) as commits (c);
    create table changes as
    select world.r, c, i, world.f, world.folder, world.name, commits.commit_sha, commits.path
    from commits
    cross join range({_CHANGES_OF_COMMIT}) as numbers (i)
    inner join world
        on world.r = commits.r
        and world.f = ((c * {_CHANGES_OF_COMMIT} + i) * 7) % {FILES_OF_REPOSITORY};
"""
_COMMIT = (
    "moment as authored_at, moment as committed_at,"
    " '+0000' as author_zone, '+0000' as committer_zone"
)
_HEAD = f"short_id_of('commit', r, {_COMMITS_OF_REPOSITORY - 1})"
_SIGNALS = "['name: config', 'name: read', 'called: parse', 'called: run', 'import: json']"

# Run → table → its rows; a column that is missing here is NULL.
_TABLES = {
    "crawl": {
        "crawl_roots": f"""
            select '{ROOT}' as root_path, 'complete' as state, 'default' as profile,
                $now as crawled_at, $files as file_count, 0 as excluded_count,
                0 as unreadable_count""",
        "crawl_directories": f"""
            with folders as (
                select path || folder as path, count(*) as direct from world group by all
                union all select distinct path || '/src', 0 from repositories
                union all select distinct regexp_replace(path, '/[^/]*$', ''), 0 from repositories
                union all select '{ROOT}', 0
            )
            select '{ROOT}' as root_path, path, 'listed' as state,
                id_of('own', path, '') as own_digest, id_of('tree', path, '') as tree_digest,
                direct as tree_file_count, direct as tree_nonempty_count,
                direct * 4000 as tree_size_bytes
            from folders""",
        "crawl_files": f"""
            select '{ROOT}' as root_path, path || folder as directory_path, name,
                'present' as state, 'file' as kind, size_bytes,
                epoch_ns($now - interval 9 day) as mtime_ns,
                epoch_ns($now - interval 9 day) as ctime_ns, r * 1000 + f as inode, 1 as device,
                true as is_settled, sha256, size_bytes // 30 as line_count, false as is_binary,
                tags, blob_id
            from world""",
        "crawl_path_rules": f"""
            select '{ROOT}' as root_path, path as top_path, path, 'top' as kind, 'read' as state,
                id_of('rules', r, '') as fingerprint
            from repositories""",
        "crawl_repositories": f"""
            select '{ROOT}' as root_path, path, 'git' as vcs, 'directory' as kind,
                'read' as state, id_of('refs', r, '') as fingerprint,
                'refs/heads/main' as head_ref, {_HEAD} as head_commit, 'main' as default_branch,
                'https://forge.example/large/' || r as remote_url,
                $now - interval 2 day as last_commit_at, true as has_history,
                true as has_tracked_files, [] as worktree_pointers, $now as read_at,
                false as is_sparse
            from repositories""",
        "crawl_commits": """
            select path as repository_path, commit_sha, moment as committed_at,
                id_of('author', author, '') as author_hash
            from commits where moment > $now - interval 90 day""",
        "crawl_tracked_files": """
            select path as repository_path, path || folder || '/' || name as path, 33188 as mode,
                blob_id as object_id
            from world""",
    },
    "signals": {
        "file_signals": f"""
            select sha256, 'Python' as language, 'tree' as parse_state,
                list_transform(range(1, 21), lambda k: {{
                    'signal': {_SIGNALS}[1 + (r + f + k) % 5] || if(k > 5, ' ' || k, ''),
                    'count': 1 + (f + k) % 9, 'line': k * 3
                }}) as signals,
                0 as inline_test_lines
            from world where f % 2 = 1""",
    },
    "code": {
        "content_code": """
            select sha256, 'Python' as language, 'tree' as parse_state, 60 as total_lines,
                40 as code_lines, 8 as comment_lines, 12 as blank_lines, 0 as error_lines,
                4 as cyclomatic, 3 as cognitive, 1 as nesting, 3 as distinct_operators,
                9 as distinct_operands, 8 as operators, 16 as operands,
                40 + f % 60 + 0.5 as maintainability_index
            from world where f % 2 = 1""",
        "content_symbols": """
            select sha256, k as symbol_index, 'function_' || k as qualified_name,
                'function_' || k as name, 'function' as kind, 1 + k * 20 as start_line,
                19 + k * 20 as end_line, ['first'] as parameters, k = 0 as has_docs,
                true as is_exported, 12 as code_lines, 2 as cyclomatic, 1 as cognitive,
                1 as nesting
            from world cross join range(2) as numbers (k) where f % 2 = 1""",
        "content_imports": """
            select sha256, 0 as import_index, 1 as line, 'import' as kind, 'os' as module,
                0 as level, 'os' as bound_name, false as is_type_only
            from world where f % 2 = 1""",
        "content_calls": """
            select sha256, k as call_index, 4 + k as line, 'function_0' as caller,
                'function_' || k as callee, 'local' as via, 'function_' || k as target
            from world cross join range(2) as numbers (k) where f % 2 = 1""",
    },
    "manifests": {
        "manifest_packages": """
            select sha256, 'pyproject' as format, 'read' as state, 'python' as ecosystem,
                'package-' || r as name, 'package-' || r as canonical_name, '1.0' as version,
                true as is_complete, 3 as dependency_count, 0 as rejected_count
            from world where f = 0""",
        "manifest_dependencies": """
            select sha256, 'pyproject' as format, k as position, 'python' as ecosystem,
                'package-' || (r + k * 7) % 300 as name,
                'package-' || (r + k * 7) % 300 as canonical_name, 'runtime' as scope,
                'project.dependencies[' || k || ']' as source_key
            from world cross join range(3) as numbers (k) where f = 0""",
    },
    "git": {
        "git_repositories": f"""
            select path, 'read' as state, id_of('refs', r, '') as fingerprint,
                'sha1' as object_format, 'refs/heads/main' as head_ref, {_HEAD} as head_commit,
                'refs/heads/main' as default_ref, {_HEAD} as default_commit,
                false as is_shallow, false as is_partial, false as is_grafted,
                {_COMMITS_OF_REPOSITORY} as commit_count, 0 as unread_count, $now as read_at
            from repositories""",
        "git_refs": f"""
            select path as repository_path, 'refs/heads/main' as ref_name, {_HEAD} as object_id,
                'commit' as object_type, {_HEAD} as commit_sha
            from repositories""",
        "git_worktrees": f"""
            select path as repository_path, path as worktree_path, true as is_main,
                false as is_locked, 'refs/heads/main' as head_ref, {_HEAD} as head_commit
            from repositories""",
        "git_members": """
            select path as repository_path, commit_sha, true as is_reachable,
                true as is_in_default, c + 1 as chain_place
            from commits""",
        "git_commits": f"""
            select commit_sha, 'read' as changes_state, short_id_of('tree', r, c) as tree_id,
                parents, author as author_name, replace(lower(author), ' ', '.') || '@example.org'
                    as author_email,
                author as committer_name, 'committer@example.org' as committer_email, {_COMMIT},
                'Change ' || c as subject, '' as body
            from commits""",
        "git_changes": f"""
            with blobs as (
                select *, (c * {_CHANGES_OF_COMMIT} + i) // {FILES_OF_REPOSITORY} as v from changes
            )
            select commit_sha, 1 as parent_number, if(v = 0, 'A', 'M') as change_type,
                ltrim(folder || '/' || name, '/') as path, '100644' as mode_after,
                if(v = 0, '000000', '100644') as mode_before,
                if(v = 0, repeat('0', 40), short_id_of('blob', r || ' ' || v - 1, f))
                    as blob_before,
                short_id_of('blob', r || ' ' || v, f) as blob_after
            from blobs""",
    },
    "git-lines": {
        "git_lines": """
            select commit_sha, 'read' as state, list({
                'path': ltrim(folder || '/' || name, '/'), 'added': 5 + f % 40, 'removed': f % 20
            }) as files
            from changes group by commit_sha""",
    },
}
# Tables whose readers have versions: a content that was read by another one is read again.
_VERSIONS = {
    "crawl_files": "reader_version",
    "crawl_path_rules": "reader_version",
    "file_signals": "extractor_version",
    "content_code": "extractor_version",
    "content_symbols": "extractor_version",
    "content_imports": "extractor_version",
    "content_calls": "extractor_version",
    "manifest_packages": "reader_version",
    "git_commits": "reader",
}


def land_large_zone(landing: Path, files: int, now: datetime) -> dict[str, int]:
    """Land facts about *files* files in the zone at *landing*; return table → rows.

    The zone has facts of a build of its own code already: *now* is after them, in UTC.
    """
    zone, landed = LandingZone(landing), {}
    with duckdb.connect() as db:
        db.execute("set preserve_insertion_order = false")
        for statement in filter(str.strip, _WORLD.split(";")):
            db.execute(statement, _parameters(statement, files, now))
        for action, tables in _TABLES.items():
            with zone.run(action, ["bench"], [_SCOPES.get(action, action)]) as run:
                for table, query in tables.items():
                    if schema := _schema(zone, table):
                        versions = _version(zone, table, schema)
                        parameters = _parameters(query, files, now)
                        landed[table] = _land(run, table, schema, db, query, parameters, versions)
                run.counts.landed = sum(landed[table] for table in tables if table in landed)
    return landed


def _parameters(query: str, files: int, now: datetime) -> dict[str, object]:
    naive = now.replace(tzinfo=None)
    return {
        name: value for name, value in (("files", files), ("now", naive)) if f"${name}" in query
    }


def _schema(zone: LandingZone, table: str) -> pa.Schema | None:
    """Return the columns that the code of this zone lands, None if it does not know the table."""
    assert table in registry.TABLES
    paths = sorted((zone.path / "empty").glob(f"{table}.*.parquet"))
    return pq.read_schema(plain_path(paths[-1])) if paths else None


def _version(zone: LandingZone, table: str, schema: pa.Schema) -> dict[str, object]:
    """Return the column and the value of the version with which this zone reads such contents."""
    column = _VERSIONS.get(table)
    if column not in schema.names:
        return {}
    files = [file for entry in zone.entries() for file in entry.files if file.table == table]
    rows = [pq.read_table(plain_path(file.path), columns=[column]) for file in files]
    values = [value for one in rows for value in one[column].to_pylist() if value is not None]
    return {column: values[-1]} if values else {}


def _land(
    run: Run,
    table: str,
    schema: pa.Schema,
    db: duckdb.DuckDBPyConnection,
    query: str,
    parameters: dict[str, object],
    versions: dict[str, object],
) -> int:
    count, writer = 0, run.table(table)
    writer.schema = schema
    for batch in db.sql(query, params=parameters).to_arrow_reader(_BATCH_ROWS):
        given = dict(zip(batch.schema.names, batch.columns, strict=True))
        constant = {"run_id": run.run_id, **versions}
        columns = [
            given[item.name].cast(item.type)
            if item.name in given
            else pa.array([constant.get(item.name)] * len(batch), item.type)
            for item in schema
        ]
        writer.append_table(pa.table(columns, schema=schema))
        count += len(batch)
    return count
