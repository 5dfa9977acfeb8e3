"""Facts about untrusted git repositories, read without running anything of theirs."""

from loaders.safe_git.reader import RecentCommit, RepositoryFacts, RepositoryReader, TrackedFile
from loaders.safe_git.remote_urls import clean_remote_url

__all__ = [
    "RecentCommit",
    "RepositoryFacts",
    "RepositoryReader",
    "TrackedFile",
    "clean_remote_url",
]
