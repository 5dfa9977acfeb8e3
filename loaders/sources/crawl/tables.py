"""The landed tables of the crawl: files, directories and repositories, as changes to what landed
before.

A path is text (see `loaders.base.paths`); `path_bytes` holds the bytes if the text hides something,
else NULL. Times of files are nanoseconds since 1970.
"""

from __future__ import annotations

import pyarrow as pa

from loaders.base.integrity import Rules
from loaders.base.masking import LEFT, NAME
from loaders.zone.schemas import Table, declare

_utc = pa.timestamp("us")

TABLES = declare(
    Table(
        "crawl_roots",
        "One row per crawl and root: the outcome for the whole root.",
        [
            ("root_path", pa.string()),
            ("state", pa.string()),
            ("reason", pa.string()),
            ("profile", pa.string()),
            ("crawled_at", _utc),
            ("file_count", pa.int64()),
            ("excluded_count", pa.int64()),
            ("unreadable_count", pa.int64()),
        ],
        Rules(
            "crawl",
            "root_path",
            required="state",
            words={"state": "complete missing unreadable emptied"},
            paths="root_path",
            counts="file_count excluded_count unreadable_count",
            moments="crawled_at",
        ),
        masked={LEFT: "reason"},
    ),
    Table(
        "crawl_directories",
        "One row per directory whose state or content changed since it was last landed.",
        [
            ("root_path", pa.string()),
            ("path", pa.string()),
            ("path_bytes", pa.binary()),
            ("state", pa.string()),
            ("reason", pa.string()),
            ("own_digest", pa.string()),
            ("tree_digest", pa.string()),
            ("tree_file_count", pa.int64()),
            ("tree_nonempty_count", pa.int64()),
            ("tree_size_bytes", pa.int64()),
        ],
        Rules(
            "crawl",
            "path",
            required="root_path state",
            words={"state": "listed excluded unreadable gone"},
            paths="root_path path",
            counts="tree_file_count tree_nonempty_count",
            # Two sparse files are enough to claim more bytes than 64 bits count; that is not a
            # fault of the folder.
            sizes="tree_size_bytes",
        ),
        masked={LEFT: "reason"},
    ),
    Table(
        "crawl_files",
        "One row per file whose state or content changed since it was last landed.",
        [
            ("root_path", pa.string()),
            ("directory_path", pa.string()),
            ("name", pa.string()),
            ("path_bytes", pa.binary()),
            ("state", pa.string()),
            ("reason", pa.string()),
            ("kind", pa.string()),
            ("size_bytes", pa.int64()),
            ("mtime_ns", pa.int64(), "NULL if 64 bits cannot hold it."),
            ("ctime_ns", pa.int64()),
            ("inode", pa.uint64()),
            ("device", pa.uint64()),
            ("is_settled", pa.bool_()),
            ("sha256", pa.string()),
            ("line_count", pa.int64(), "Lines; a last one without a line ending counts."),
            ("is_binary", pa.bool_()),
            ("link_target", pa.string()),
            ("tags", pa.list_(pa.string())),
            (
                "reader_version",
                pa.string(),
                "Version of the reader of the content; NULL if it was not read, or by older code.",
            ),
            (
                "code_language",
                pa.string(),
                "Language of the code cells of a notebook, in lower case.",
            ),
            ("code_lines", pa.int64(), "Lines of the code cells of a notebook, else NULL."),
            ("code_bytes", pa.int64(), "Size of the code cells of a notebook, else NULL."),
            ("blob_id", pa.string(), "Id that git gives to the content; NULL if not read."),
            (
                "text_blob_id",
                pa.string(),
                "The same with line feeds for the line ends of Windows; NULL without these.",
            ),
        ],
        Rules(
            "crawl",
            "directory_path name",
            required="root_path state",
            words={
                "state": "present unreadable skipped gone",
                "kind": "file symlink fifo socket device",
            },
            paths="root_path directory_path",
            names="name",
            counts="line_count code_lines",
            sizes="size_bytes code_bytes",
            more={"sha256: not a digest": "length(sha256) = 64"},
        ),
        masked={LEFT: "name reason reader_version blob_id text_blob_id", NAME: "code_language"},
    ),
    Table(
        "crawl_repositories",
        "One row per repository whose state changed since it was last landed.",
        [
            ("root_path", pa.string()),
            ("path", pa.string()),
            ("path_bytes", pa.binary()),
            ("vcs", pa.string()),
            ("kind", pa.string()),
            ("state", pa.string()),
            ("reason", pa.string()),
            ("fingerprint", pa.string()),
            ("head_ref", pa.string()),
            ("head_commit", pa.string()),
            ("default_branch", pa.string()),
            ("remote_url", pa.string()),
            ("last_commit_at", _utc),
            ("has_history", pa.bool_()),
            ("has_tracked_files", pa.bool_()),
            ("worktree_pointers", pa.list_(pa.string())),
            ("read_at", _utc),
            ("is_sparse", pa.bool_(), "Whether its settings allow a work tree without all files."),
        ],
        Rules(
            "crawl",
            "path",
            required="root_path state vcs",
            words={
                "vcs": "git",
                "kind": "directory gitfile worktree bare",
                "state": "read empty truncated refused broken gone",
            },
            paths="root_path path",
            moments="read_at",
        ),
    ),
    Table(
        "crawl_commits",
        "One row per commit of the last 90 days before the read, of each landed repository state.",
        [
            ("repository_path", pa.string()),
            ("commit_sha", pa.string()),
            ("committed_at", _utc),
            ("author_hash", pa.string()),
        ],
        Rules("crawl", "repository_path commit_sha", paths="repository_path"),
    ),
    Table(
        "crawl_tracked_files",
        "One row per entry of the tree of HEAD, of each landed repository state.",
        [
            ("repository_path", pa.string()),
            ("path", pa.string(), "Absolute."),
            ("mode", pa.int32()),
            ("object_id", pa.string()),
        ],
        Rules("crawl", "repository_path path", paths="repository_path path"),
    ),
    Table(
        "crawl_path_rules",
        "One row per place whose .gitignore and .gitattributes files were read because something "
        "changed there, and one per path about which they state something.",
        [
            ("root_path", pa.string()),
            ("top_path", pa.string(), "The repository; outside of all repositories, the root."),
            ("path", pa.string()),
            (
                "kind",
                pa.string(),
                "`top`: the place itself. `folder`: all files directly in it. `file`: one file.",
            ),
            ("state", pa.string()),
            ("reason", pa.string()),
            ("fingerprint", pa.string()),
            (
                "exclude_digest",
                pa.string(),
                "SHA-256 of the rules in the git directory; NULL if unknown.",
            ),
            ("reader_version", pa.int64()),
            ("is_ignored", pa.bool_(), "Whether git ignores it, unless it is tracked."),
            ("is_vendored", pa.bool_(), "The attribute `linguist-vendored`; NULL if not stated."),
            ("is_generated", pa.bool_(), "The attribute `linguist-generated`, in the same way."),
            ("is_documentation", pa.bool_(), "The attribute `linguist-documentation`, likewise."),
            (
                "is_filtered",
                pa.bool_(),
                "Whether the file differs from what git stores: a filter, an encoding, `ident`.",
            ),
        ],
        Rules(
            "crawl",
            "top_path path kind",
            required="root_path",
            words={"kind": "top folder file", "state": "read incomplete gone"},
            paths="root_path top_path path",
        ),
        masked={LEFT: "top_path exclude_digest reason"},
    ),
)
