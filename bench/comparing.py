"""A section of the benchmark: one piece of work, by this product and by a yardstick, if any."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bench.measuring import Measurement, measure


@dataclass(frozen=True)
class Side:
    """One way to do the work of a section."""

    name: str
    # Returns the command, once per repetition: a side that needs a fresh folder names one here.
    command: Callable[[], Sequence[str | bytes]]
    environment: Mapping[str, str]
    input_file: Path | None = None
    fine: Sequence[int] = (0,)

    def measure(self) -> Measurement:
        return measure(self.command(), self.environment, input_file=self.input_file, fine=self.fine)


@dataclass(frozen=True)
class Section:
    """One piece of work: a name, how much there is of it (`{"files": 12}`), and who does it."""

    name: str
    ours: Side
    yardstick: Side | None = None
    amounts: Mapping[str, int] = field(default_factory=dict)
    is_of_tree: bool = True  # otherwise the floors of the tree do not apply

    @property
    def sides(self) -> list[Side]:
        return [side for side in (self.yardstick, self.ours) if side]


@dataclass(frozen=True)
class Result:
    """All repetitions of one side of a section, and of the yardstick's runs beside them."""

    section: Section
    side: Side
    runs: Sequence[Measurement]
    paired: Sequence[Measurement] = ()

    @property
    def wall_s(self) -> float:
        return min(run.wall_s for run in self.runs)

    @property
    def cpu_s(self) -> float:
        return min(run.cpu_s for run in self.runs)

    @property
    def wall_ratio(self) -> float | None:
        """Best wall time over the yardstick's best."""
        return self.wall_s / min(run.wall_s for run in self.paired) if self.paired else None

    @property
    def cpu_ratio(self) -> float | None:
        return self.cpu_s / min(run.cpu_s for run in self.paired) if self.paired else None

    @property
    def paired_ratios(self) -> list[float]:
        """Wall time over the yardstick's in the same repetition, the least distorted."""
        return [
            run.wall_s / other.wall_s for run, other in zip(self.runs, self.paired, strict=False)
        ]


def run_section(section: Section, repeat: int, progress: Callable[[str], None]) -> list[Result]:
    """Run the sides of a section in turn, *repeat* times, and return a result of each."""
    runs: dict[str, list[Measurement]] = {side.name: [] for side in section.sides}
    for turn in range(1, repeat + 1):
        for side in section.sides:
            progress(f"{section.name}: {side.name}, {turn} of {repeat}")
            runs[side.name].append(side.measure())
    paired = runs[section.yardstick.name] if section.yardstick else []
    return [
        Result(section, side, runs[side.name], paired if side is section.ours else ())
        for side in section.sides
    ]
