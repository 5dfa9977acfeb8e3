"""`enrich branches`: the branches of each repository, those that wait for a merge first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from enrich import options, project_choice
from enrich.answers.findings import project_name
from enrich.answers.projects import names_apart, names_of
from enrich.db import Published
from enrich.project_choice import Choice
from enrich.render import write_rows
from enrich.screen import Column
from enrich.values import shown
from loaders.base.figures import number

# A symbolic ref repeats the branch that it names. Tags and the detached HEAD are not branches.
_QUERY = """
    select
        refs.project_id,
        refs.project_path,
        refs.ref_name,
        regexp_replace(refs.ref_name, '^refs/(heads|remotes)/', '') as branch,
        case
            when refs.is_default then 'default'
            when refs.ahead_count is null then null
            when refs.ahead_count > 0 then 'waits'
            else 'merged'
        end as state,
        refs.is_remote,
        refs.ahead_count,
        refs.behind_count,
        coalesce(pending.last_commit_at, commits.committed_at) as last_commit_at,
        pending.agent_name as last_author_name,
        pending.is_checked_out,
        coalesce(pending.is_repeat, false) as is_repeat,
        refs.commit_sha,
    from git_refs as refs
    left join git_pending_merges as pending using (project_id, ref_name)
    left join commits
        on commits.project_id = refs.project_id
        and commits.commit_sha = refs.commit_sha
    where refs.ref_kind in ('branch', 'remote') and refs.symbolic_target is null
"""


def _state(row: Mapping[str, Any]) -> str | None:
    state: str | None = row["state"]
    return "not merged" if state == "waits" else state


def _distance(row: Mapping[str, Any]) -> str | None:
    """Return the commits that only the branch has, and those that it misses, such as `+2 -5`."""
    if row["state"] == "default":
        return ""
    if row["ahead_count"] is None:
        return None
    parts = [("+", row["ahead_count"]), ("-", row["behind_count"] or 0)]
    return " ".join(f"{sign}{number(count)}" for sign, count in parts if count) or "none"


BRANCH_COLUMNS = (
    Column("project", project_name, "right", at_least=10),
    Column("branch", "branch", "left", at_least=24),
    Column("state", _state),
    Column("commits", _distance),
    Column("last commit", lambda row: shown(row["last_commit_at"])[:10]),
    Column("by", "last_author_name", "right"),
)


@click.command()
@project_choice.argument
@click.option("--pending", is_flag=True, help="Only branches that are not merged.")
@options.limit_option
@options.format_option
@options.db_option
def branches(choice: Choice, pending: bool, limit: int | None, form: str, db: str | None) -> None:
    """List branches, those that are not merged first.

    PROJECT is a name, a path in it, or the start of its id; without it, the whole workspace. A
    branch with `+2 -5` has 2 commits that the default branch does not have, and 5 of its commits
    are missing. Branches of remotes are those of the last fetch.
    """
    with Published(db) as published:
        state = "state = 'waits'" if pending else "true"
        found = published.query(
            f"select * from ({_QUERY}) where {state} and {choice.without_repeats(published)}"
            " order by state <> 'waits', last_commit_at desc nulls last, project_path, branch"
        )
        names = names_of(published)
    nothing = "every branch is merged, or none is known" if pending else "no branch is known"
    write_rows(found, form, names_apart(BRANCH_COLUMNS, names), limit, nothing=nothing)
