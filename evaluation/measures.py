"""The accuracy of predictions, with its uncertainty."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from evaluation.features import ROLES

_BINS = 10
_DRAWS = 1000


def macro_f1(roles: np.ndarray, said: np.ndarray) -> float:
    """Return the mean of F1 over the roles; a role that is neither given nor predicted counts 0."""
    return float(_mean_f1(confusion(roles, said)[None])[0])


def confusion(roles: np.ndarray, said: np.ndarray) -> np.ndarray:
    """Return the number of files of each role (row) that were predicted as each role (column)."""
    counts = np.zeros((len(ROLES), len(ROLES)), int)
    np.add.at(counts, (roles, said), 1)
    return counts


def _mean_f1(tables: np.ndarray) -> np.ndarray:
    right = np.diagonal(tables, axis1=1, axis2=2)
    return (2 * right / np.maximum(tables.sum(axis=1) + tables.sum(axis=2), 1)).mean(axis=1)


def per_role(roles: np.ndarray, said: np.ndarray) -> list[tuple[int, float, float, float]]:
    """Return, for each role, the number of files, precision, recall and F1."""
    rows = []
    for number in range(len(ROLES)):
        right = int(((roles == number) & (said == number)).sum())
        there, claimed = int((roles == number).sum()), int((said == number).sum())
        f1 = 2 * right / (there + claimed) if there + claimed else 0.0
        rows.append(
            (there, right / claimed if claimed else 0.0, right / there if there else 0.0, f1)
        )
    return rows


def calibration(roles: np.ndarray, probabilities: np.ndarray) -> list[tuple[int, float, float]]:
    """Return, for each tenth of confidence: files, mean confidence, share that is correct."""
    sure, right = probabilities.max(axis=1), probabilities.argmax(axis=1) == roles
    of_bin = np.minimum((sure * _BINS).astype(int), _BINS - 1)
    bins = [of_bin == number for number in range(_BINS)]
    return [
        (int(some.sum()), float(sure[some].mean()), float(right[some].mean()))
        for some in bins
        if some.any()
    ]


def calibration_error(roles: np.ndarray, probabilities: np.ndarray) -> float:
    """Return the expected calibration error: the mean distance of confidence and accuracy."""
    bins = calibration(roles, probabilities)
    return sum(count * abs(sure - right) for count, sure, right in bins) / len(roles)


def interval(
    packages: Sequence[str], roles: np.ndarray, said: np.ndarray, level: float = 0.95
) -> tuple[float, float]:
    """Return the bootstrap interval of macro-F1; packages are drawn, each with all its files."""
    places = np.array(packages)
    tables = np.array(
        [confusion(roles[places == name], said[places == name]) for name in sorted(set(packages))]
    )
    generator = np.random.default_rng(0)
    drawn = generator.choice(len(tables), (_DRAWS, len(tables)))
    low, high = np.quantile(_mean_f1(tables[drawn].sum(axis=1)), [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def folds(packages: Sequence[str], count: int = 5, seed: int = 0) -> np.ndarray:
    """Return the fold of each row. Packages are not split; folds have about the same size."""
    generator = np.random.default_rng(seed)
    sizes = {name: sum(package == name for package in packages) for name in set(packages)}
    order = sorted(sizes, key=lambda name: (-sizes[name], name))
    load = np.zeros(count)
    fold_of = {}
    for name in order:
        # Near ties are decided at random, so that another seed gives other folds.
        fold = int(np.argmin(load + generator.random(count)))
        fold_of[name] = fold
        load[fold] += sizes[name]
    return np.array([fold_of[package] for package in packages])
