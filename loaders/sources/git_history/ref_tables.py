"""The landed table of the changes of refs; see `ref_changes`."""

from __future__ import annotations

import pyarrow as pa

from loaders.base.integrity import Rules
from loaders.base.masking import LEFT
from loaders.zone.schemas import Table

REF_CHANGES = Table(
    "git_ref_changes",
    "One row per branch or tag that differs from the last landed state of its repository.",
    [
        ("repository_path", pa.string()),
        ("earlier_run_id", pa.string(), "The run that landed the state before."),
        ("ref_name", pa.string()),
        ("change_type", pa.string(), "How the ref differs."),
        ("object_before", pa.string(), "Object id before, NULL if it was created."),
        ("object_after", pa.string(), "Object id afterwards, NULL if it was deleted."),
        ("commit_before", pa.string(), "The commit that it led to; NULL if it led to none."),
        ("commit_after", pa.string(), "The commit that it leads to; NULL if it leads to none."),
        (
            "relation",
            pa.string(),
            "How a branch moved; NULL for other changes.",
        ),
        ("added_count", pa.int64(), "Commits that only the new head reaches."),
        (
            "lost_count",
            pa.int64(),
            "Commits that only the old head reached; of a deleted ref: that no ref reaches.",
        ),
        ("added_commits", pa.list_(pa.string()), "At most 2,000 of them."),
        ("lost_commits", pa.list_(pa.string()), "At most 2,000 of them."),
        ("is_default", pa.bool_(), "Whether it is the default branch of the repository."),
        (
            "has_common_commit",
            pa.bool_(),
            "Whether a ref still reaches any commit of the earlier state.",
        ),
    ],
    Rules(
        "git",
        "repository_path ref_name",
        required="change_type",
        words={
            "change_type": "created deleted moved",
            "relation": "forward backward diverged unknown",
        },
        paths="repository_path",
        counts="added_count lost_count",
    ),
    masked={
        LEFT: (
            "earlier_run_id object_before object_after commit_before commit_after relation "
            "added_commits lost_commits"
        )
    },
)
