"""Read facts about untrusted git repositories without running any of their code."""

from loaders.safe_git.reader import RepositoryReader
from loaders.safe_git.recent_history import RecentCommit, TrackedFile
from loaders.safe_git.remote_urls import clean_remote_url
from loaders.safe_git.repository_facts import RepositoryFacts

__all__ = [
    "RecentCommit",
    "RepositoryFacts",
    "RepositoryReader",
    "TrackedFile",
    "clean_remote_url",
]
