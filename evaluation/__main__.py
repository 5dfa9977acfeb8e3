"""Learn the weights of signals from labelled files, and measure what was learnt.

\b
python -m evaluation measure     the accuracy of roles, in folds by package
python -m evaluation learn       the same, then write seeds/role_signal_weights.csv from all labels
python -m evaluation compare     whether the models in SQL agree with the computation in Python
python -m evaluation technologies   precision and recall of technologies, in the published file
"""

from __future__ import annotations

import os
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

import click
import numpy as np

from evaluation import report, weights
from evaluation.detections import technologies
from evaluation.features import Bench, NotBuilt
from evaluation.labels import LABELS, fetch, is_there, read_labels
from evaluation.trials import Trial
from loaders.base import programs
from loaders.base.permissions import keep_private
from loaders.base.program_options import HELP_NAMES

_EQUAL = 1e-6

labels_option = click.option(
    "--labels",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="CSV files of labels.",
)
files_option = click.option(
    "--files", type=click.Path(path_type=Path), default=Path("target/labelled"), show_default=True,
    help="Folder of fetched files, as KIND/PACKAGE/VERSION/PATH; missing files are fetched.",
)  # fmt: skip
fold_option = click.option(
    "--seed", default=0, show_default=True, help="Seed of the division of packages into folds."
)


@click.group(help=__doc__, context_settings=HELP_NAMES)
def main() -> None:
    programs.keep_out()
    keep_private()


main.add_command(technologies)


@main.command()
@labels_option
@files_option
@fold_option
@click.option("--quick", is_flag=True, help="Without the trials of each family of signals.")
@click.option(
    "--from-make", is_flag=True, hidden=True, help="Take the folder of files from META_LABELLED."
)
def measure(labels: tuple[Path, ...], files: Path, seed: int, quick: bool, from_make: bool) -> None:
    """Print the accuracy of roles, by folds in which no package is on both sides."""
    if from_make and os.environ.get("META_LABELLED", "").strip():
        files = Path(os.environ["META_LABELLED"])
    with ExitStack() as stack:
        trial, _ = _prepared(labels, files, stack)
        report.write(trial, files, seed, quick)


@main.command()
@labels_option
@files_option
@fold_option
def learn(labels: tuple[Path, ...], files: Path, seed: int) -> None:
    """Print the measure, then learn from all labels and write the seed."""
    with ExitStack() as stack:
        trial, _ = _prepared(labels, files, stack)
        report.write(trial, files, seed, True)
        rows = weights.write(trial.models(np.ones(len(trial.labels), bool)))
        click.echo(
            f"\nseeds/role_signal_weights.csv: {rows} rows, learnt from {len(trial.labels)} files"
        )


@main.command()
@labels_option
@files_option
def compare(labels: tuple[Path, ...], files: Path) -> None:
    """Compare the probabilities of the models in SQL with those computed here from the seed.

    Exit code 1: they differ by more than a millionth.
    """
    with ExitStack() as stack:
        trial, bench = _prepared(labels, files, stack)
        models = weights.read()
        apart = [
            np.abs(
                weights.predicted(models, trial.features, prediction)
                - bench.probabilities(trial.labels, column)
            ).max()
            for prediction, column in report.COLUMNS.items()
        ]
    furthest = float(max(apart))
    click.echo(f"{len(trial.labels)} files, furthest apart {furthest:.1e}")
    if furthest > _EQUAL:
        sys.exit(1)


def _prepared(labels: tuple[Path, ...], files: Path, stack: ExitStack) -> tuple[Trial, Bench]:
    """Return the features of the labelled files; end the program with 1 if they cannot be built."""
    wanted = read_labels(labels or (LABELS,))
    for line in fetch(wanted, files):
        click.echo(f"warning: {line}", err=True)
    there = [label for label in wanted if is_there(label, files)]
    if not there:
        raise click.UsageError(f"{files}: none of the labelled files exists")
    bench = Bench(Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="meta-roles-"))))
    try:
        bench.plant(there, files)
        bench.build("int_roles__predictions")
    except NotBuilt as error:
        click.echo(str(error), err=True)
        sys.exit(1)
    return Trial(there, bench.features(there)), bench


if __name__ == "__main__":
    main()
