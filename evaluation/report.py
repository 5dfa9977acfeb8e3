"""The tables of a measurement, for people."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import click
import numpy as np

from evaluation import measures
from evaluation.baselines import BASELINES, looks_like_a_collector
from evaluation.features import ROLES
from evaluation.trials import Trial

# Prediction → its column in the models.
COLUMNS = {
    "both": "probabilities",
    "content": "content_probabilities",
    "path": "path_probabilities",
}
_NAMES = {"both": "path and content", "content": "content alone", "path": "path alone"}
# A family of signals → its places.
_FAMILIES = {
    "names of definitions": (
        "function",
        "function verb",
        "class",
        "class kind",
        "base",
        "base kind",
        "decorator",
    ),
    "other names": ("name", "parameter", "key"),
    "calls": ("call", "called", "called on", "use"),
    "imports": ("import", "imported"),
    "prose": ("doc", "first doc", "text"),
    "shapes": ("shape",),
}


def write(trial: Trial, files: Path, seed: int, quick: bool) -> None:
    """Print every table: folds by package, all labels. The heuristic reads the labelled *files*."""
    click.echo(
        f"{len(trial.labels)} files of {len(set(trial.packages))} packages;"
        f" five folds by package, seed {seed}\n"
    )
    found = trial.folded(seed)
    sets = sorted({label.label_set for label in trial.labels})
    for name in sets:
        rows = np.array([label.label_set == name for label in trial.labels])
        packages = {label.package for label in trial.labels if label.label_set == name}
        click.echo(f"label set {name}: {rows.sum()} files of {len(packages)} packages")
        click.echo(f"  {'':24}accuracy  macro-F1  95 % by package   calibration error")
        for prediction, probabilities in found.items():
            _line(_NAMES[prediction], trial, rows, probabilities.argmax(axis=1), probabilities)
        for baseline, says in BASELINES.items():
            _line(baseline, trial, rows, says(trial))
        if len(sets) > 1:
            alone = trial.folded(seed, learnt_from=rows)["both"]
            _line("both, this set alone", trial, rows, alone.argmax(axis=1), alone)
        click.echo()
    _collectors(trial, files, found)
    _by_role(trial, found["both"])
    _by_confidence(trial, found["both"])
    if not quick:
        _by_family(trial, seed, found["content"])


def _line(
    name: str,
    trial: Trial,
    rows: np.ndarray,
    said: np.ndarray,
    probabilities: np.ndarray | None = None,
) -> None:
    roles, said = trial.roles[rows], said[rows]
    packages = [package for package, row in zip(trial.packages, rows, strict=True) if row]
    score = measures.macro_f1(roles, said)
    low, high = measures.interval(packages, roles, said)
    error = (
        ""
        if probabilities is None
        else f"{measures.calibration_error(roles, probabilities[rows]):.3f}"
    )
    click.echo(
        f"  {name:24}{(roles == said).mean():>8.3f}{score:>10.3f}"
        f"  {low:>7.3f} to {high:.3f}{error:>16}"
    )


def _collectors(trial: Trial, files: Path, found: Mapping[str, np.ndarray]) -> None:
    """Print the accuracy for collectors alone, beside the heuristic of CodeGraphX."""
    there = trial.roles == ROLES.index("collector")
    texts = [(files / label.place).read_text("utf-8", errors="ignore") for label in trial.labels]
    said = {
        "path and content": found["both"].argmax(axis=1) == ROLES.index("collector"),
        "CodeGraphX": np.array(
            [
                looks_like_a_collector(label.place.name, text)
                for label, text in zip(trial.labels, texts, strict=True)
            ]
        ),
        "every file is one": np.ones(len(there), bool),
    }
    click.echo("collectors alone      precision  recall     F1")
    for name, claimed in said.items():
        right = int((there & claimed).sum())
        precision, recall = right / max(int(claimed.sum()), 1), right / max(int(there.sum()), 1)
        f1 = 2 * right / max(int(there.sum() + claimed.sum()), 1)
        click.echo(f"  {name:18}{precision:>11.2f}{recall:>8.2f}{f1:>7.2f}")
    click.echo()


def _by_role(trial: Trial, probabilities: np.ndarray) -> None:
    click.echo("by role, path and content\n                  files  precision  recall     F1")
    for role, (there, precision, recall, f1) in zip(
        ROLES, measures.per_role(trial.roles, probabilities.argmax(axis=1)), strict=True
    ):
        click.echo(f"  {role:14}{there:>7}{precision:>11.2f}{recall:>8.2f}{f1:>7.2f}")
    click.echo()


def _by_confidence(trial: Trial, probabilities: np.ndarray) -> None:
    click.echo("by confidence, path and content\n   files  confidence  right")
    for count, sure, right in measures.calibration(trial.roles, probabilities):
        click.echo(f"  {count:>6}{sure:>12.2f}{right:>7.2f}")
    click.echo()


def _by_family(trial: Trial, seed: int, whole: np.ndarray) -> None:
    """Print the accuracy of the content without each family of signals, and by each alone."""
    click.echo("content alone, macro-F1 over all labels       without it   only it")
    click.echo(
        f"  {'all families':36}{measures.macro_f1(trial.roles, whole.argmax(axis=1)):>20.3f}"
    )
    for family, places in _FAMILIES.items():
        without = _score(trial, seed, lambda signal, places=places: _place(signal) in places)
        only = _score(trial, seed, lambda signal, places=places: _place(signal) not in places)
        click.echo(f"  {family:42}{without:>9.3f}{only:>10.3f}")


def _score(trial: Trial, seed: int, is_left_out: Callable[[str], bool]) -> float:
    said = trial.without(lambda signal: is_left_out(signal) and _place(signal) in _CONTENT).folded(
        seed
    )["content"]
    return measures.macro_f1(trial.roles, said.argmax(axis=1))


def _place(signal: str) -> str:
    return signal.partition(": ")[0]


_CONTENT = {place for places in _FAMILIES.values() for place in places}
