"""A section of the benchmark: one piece of work, by this product and by a yardstick, if any."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
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
    # Called before each repetition, and after it; neither is measured.
    before: Callable[[], None] = lambda: None
    after: Callable[[], None] = lambda: None
    # Which of the repetitions counts.
    of_runs: Callable[[Iterable[float]], float] = min
    most_runs: int | None = None
    # `wall` or `memory` → the highest ratio to the yardstick's that is aimed at.
    limits: Mapping[str, float] = field(default_factory=dict)

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
        return self.section.of_runs(run.wall_s for run in self.runs)

    @property
    def cpu_s(self) -> float:
        return self.section.of_runs(run.cpu_s for run in self.runs)

    @property
    def wall_ratio(self) -> float | None:
        """The wall time that counts over the yardstick's."""
        return self._ratio([run.wall_s for run in self.runs], [run.wall_s for run in self.paired])

    @property
    def cpu_ratio(self) -> float | None:
        return self._ratio([run.cpu_s for run in self.runs], [run.cpu_s for run in self.paired])

    @property
    def memory_ratio(self) -> float | None:
        """The memory of all processes together, at its highest, over the yardstick's."""
        ours, others = (
            [run.peak_tree_bytes for run in runs if run.peak_tree_bytes]
            for runs in (self.runs, self.paired)
        )
        return max(ours) / max(others) if ours and others else None

    @property
    def limited(self) -> dict[str, tuple[float | None, float]]:
        """`wall` or `memory` → the ratio and its limit."""
        ratios = {"wall": self.wall_ratio, "memory": self.memory_ratio}
        limits = self.section.limits if self.paired else {}
        return {name: (ratios[name], limit) for name, limit in limits.items()}

    def _ratio(self, ours: Sequence[float], others: Sequence[float]) -> float | None:
        return self.section.of_runs(ours) / self.section.of_runs(others) if others else None

    @property
    def paired_ratios(self) -> list[float]:
        """Wall time over the yardstick's in the same repetition, the least distorted."""
        return [
            run.wall_s / other.wall_s for run, other in zip(self.runs, self.paired, strict=False)
        ]


def run_section(section: Section, repeat: int, progress: Callable[[str], None]) -> list[Result]:
    """Run the sides of a section in turn, *repeat* times, and return a result of each."""
    runs: dict[str, list[Measurement]] = {side.name: [] for side in section.sides}
    repeat = min(repeat, section.most_runs or repeat)
    for turn in range(1, repeat + 1):
        section.before()
        for side in section.sides:
            progress(f"{section.name}: {side.name}, {turn} of {repeat}")
            runs[side.name].append(side.measure())
        section.after()
    paired = runs[section.yardstick.name] if section.yardstick else []
    return [
        Result(section, side, runs[side.name], paired if side is section.ours else ())
        for side in section.sides
    ]
