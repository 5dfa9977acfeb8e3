"""Predictions without learning, to compare with."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

import numpy as np

from evaluation.features import ROLES
from evaluation.model import expectation
from evaluation.trials import Trial

# CodeGraphX's signals of a file collector, with the names and weights of its collectors report. A
# text with a signal counts its weight once. The patterns are those of its script.
_SIGNALS = {
    "walk": (2.0, r"\bos\.(?:walk|scandir)\(|\.(?:r?glob|iterdir)\("),
    "read": (
        2.0,
        r"\b(?:open|read_text|read_bytes|read_csv)\(|\bjson\.load\(|\byaml\.safe_load\(|\btomllib\.load\(|\bcsv\.reader\(",
    ),
    "filter": (1.0, r"\b(?:suffix|fnmatch|include|exclude|extension|pattern)\b|\bendswith\("),
    "metadata": (1.0, r"\bstat\(|\b(?:st_size|mtime|hashlib|sha256|md5)\b"),
    "aggregate": (
        1.0,
        r"\bwrite_(?:text|bytes)\(|\bjson\.dump\(|\bcsv\.writer\(|(?i:\b(?:report|manifest|catalog|inventory|index)\b)",
    ),
    "fs_imports": (0.5, r"(?m)^\s*(?:import\s+(?:os|glob)\b|from\s+pathlib\s+import\s+Path\b)"),
}
_NAME_HINT = re.compile(r"(?i)scan|index|catalog|inventory|audit|collect|discover|extract")
_LEAST = 4.0


def always_none(trial: Trial) -> np.ndarray:
    """Say `none` of every file."""
    return np.full(len(trial.labels), ROLES.index("none"))


def by_name(trial: Trial) -> np.ndarray:
    """Return the role that the words of the file's name and folders suggest, else `none`."""
    features = trial.features["path"]
    expected = np.array([expectation(signal) for signal in features.signals])
    scores = features.values @ expected
    return np.where(scores.max(axis=1) > 0, scores.argmax(axis=1), ROLES.index("none"))


BASELINES: Mapping[str, Callable[[Trial], np.ndarray]] = {
    "always none": always_none,
    "words of the name": by_name,
}


def looks_like_a_collector(name: str, text: str) -> bool:
    """Return whether CodeGraphX's text signals, at its default threshold, suggest a collector."""
    shown = {signal for signal, (_, pattern) in _SIGNALS.items() if re.search(pattern, text)}
    score = sum(_SIGNALS[signal][0] for signal in shown) + 0.5 * bool(_NAME_HINT.search(name))
    walks_and_more = "walk" in shown and bool(shown & {"read", "metadata", "aggregate"})
    return (walks_and_more and score >= _LEAST) or score >= _LEAST + 1
