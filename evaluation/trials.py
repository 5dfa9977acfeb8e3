"""Trials: learn from some packages, predict the others."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from evaluation.features import PARTS, ROLES, Features
from evaluation.labels import Label
from evaluation.measures import folds
from evaluation.model import Model, learn, softmax
from evaluation.weights import PREDICTIONS, mixed, rounded


@dataclass(frozen=True)
class Trial:
    """Labelled files and their features."""

    labels: Sequence[Label]
    features: Mapping[str, Features]

    @property
    def roles(self) -> np.ndarray:
        return np.array([ROLES.index(label.role) for label in self.labels])

    @property
    def packages(self) -> list[str]:
        return [label.package for label in self.labels]

    def without(self, is_left_out: Callable[[str], bool]) -> Trial:
        """Return the trial with fewer signals."""
        kept = {}
        for part, features in self.features.items():
            columns = [
                column for column, signal in enumerate(features.signals) if not is_left_out(signal)
            ]
            kept[part] = Features(
                [features.signals[column] for column in columns], features.values[:, columns]
            )
        return Trial(self.labels, kept)

    def models(self, rows: np.ndarray) -> dict[str, Model]:
        """Learn from some rows and return the models as the seed would hold them."""
        secondary = [
            label.secondary_roles
            for label, is_taken in zip(self.labels, rows, strict=True)
            if is_taken
        ]
        return {
            part: rounded(
                learn(
                    Features(self.features[part].signals, self.features[part].values[rows]),
                    self.roles[rows],
                    secondary,
                )
            )
            for part in PARTS
        }

    def predictions(self, rows: np.ndarray, models: Mapping[str, Model]) -> dict[str, np.ndarray]:
        """Return the probabilities of some rows, by content and path together and by each alone."""
        scores = {
            part: models[part].scores(
                Features(self.features[part].signals, self.features[part].values[rows])
            )
            for part in PARTS
        }
        return {
            prediction: softmax(mixed(scores, models, prediction)) for prediction in PREDICTIONS
        }

    def folded(self, seed: int = 0, learnt_from: np.ndarray | None = None) -> dict[str, np.ndarray]:
        """Return probabilities of every row, each from models that saw no file of its package.

        *learnt_from* says which rows may be learnt from at all.
        """
        of_fold = folds(self.packages, seed=seed)
        found = {prediction: np.zeros((len(self.labels), len(ROLES))) for prediction in PREDICTIONS}
        for fold in np.unique(of_fold):
            rows = of_fold == fold
            taught = ~rows if learnt_from is None else ~rows & learnt_from
            for prediction, values in self.predictions(rows, self.models(taught)).items():
                found[prediction][rows] = values
        return found
