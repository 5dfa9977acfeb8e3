"""The learnt weights as the seed that the models read, and back."""

from __future__ import annotations

import csv
from collections.abc import Mapping

import numpy as np

from evaluation.features import PARTS, ROLES, Features
from evaluation.model import Model, softmax
from loaders.base.paths import PROJECT_ROOT

SEED = PROJECT_ROOT / "seeds" / "role_signal_weights.csv"
_DECIMALS = 3
# Smaller weights are left out. The unit is the change of a score for a file that differs from the
# mean by one standard deviation.
_LEAST = 0.015
PREDICTIONS = {"both": ("content", "path"), "content": ("content",), "path": ("path",)}


def settings() -> dict[str, float]:
    """Return the numbers of seeds/role_settings.csv."""
    with open(PROJECT_ROOT / "seeds" / "role_settings.csv", encoding="utf-8", newline="") as file:
        return {row["name"]: float(row["value"]) for row in csv.DictReader(file)}


def rounded(model: Model) -> Model:
    """Return the model as the seed holds it: rounded, without the least weights."""
    # Adding the same number to all weights of a signal does not change a probability, so most roles
    # get 0.
    weights = model.weights - np.median(model.weights, axis=1, keepdims=True)
    return Model(
        model.signals,
        np.round(np.where(np.abs(weights) * model.spread[:, None] < _LEAST, 0, weights), _DECIMALS),
        model.bias,
        model.spread,
    )


def mixed(
    scores: Mapping[str, np.ndarray], models: Mapping[str, Model], prediction: str
) -> np.ndarray:
    """Return the scores of one prediction (both, content, path) from those of the parts."""
    numbers = settings()
    return bias(models, prediction) + sum(
        numbers[f"{prediction}_{part}"] * scores[part] for part in PREDICTIONS[prediction]
    )


def bias(models: Mapping[str, Model], prediction: str) -> np.ndarray:
    """Return what a prediction begins with."""
    numbers = settings()
    return np.round(
        sum(
            numbers[f"{prediction}_{part}"] * models[part].bias for part in PREDICTIONS[prediction]
        ),
        _DECIMALS,
    )


def predicted(
    models: Mapping[str, Model], features: Mapping[str, Features], prediction: str
) -> np.ndarray:
    """Return the probabilities of one prediction, by the models that `read` returns."""
    biases, numbers = models["bias"], settings()
    scores = (
        numbers[f"{prediction}_{part}"] * models[part].scores(features[part])
        for part in PREDICTIONS[prediction]
    )
    return softmax(biases.weights[biases.signals.index(prediction)] + sum(scores))


def write(models: Mapping[str, Model]) -> int:
    """Write the seed and return how many rows it has: the most telling signals first."""
    rows = [
        ("bias", prediction, role, weight)
        for prediction in PREDICTIONS
        for role, weight in zip(ROLES, bias(models, prediction), strict=True)
    ]
    for part in PARTS:
        model = models[part]
        order = np.argsort(-np.abs(model.weights).max(axis=1), kind="stable")
        rows += [
            (part, model.signals[number], role, weight)
            for number in order
            for role, weight in zip(ROLES, model.weights[number], strict=True)
            if weight
        ]
    with open(SEED, "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["part", "signal", "role", "weight"])
        writer.writerows((*row[:3], f"{row[3]:.{_DECIMALS}f}") for row in rows)
    return len(rows)


def read() -> dict[str, Model]:
    """Return the models of the seed. Each bias is 0: the seed has the biases of the predictions."""
    found: dict[str, dict[str, np.ndarray]] = {part: {} for part in (*PARTS, "bias")}
    with open(SEED, encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            weights = found[row["part"]].setdefault(row["signal"], np.zeros(len(ROLES)))
            weights[ROLES.index(row["role"])] = float(row["weight"])
    return {
        part: Model(
            list(rows), np.array(list(rows.values())), np.zeros(len(ROLES)), np.zeros(len(rows))
        )
        for part, rows in found.items()
    }
