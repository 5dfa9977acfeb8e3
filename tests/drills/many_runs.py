"""Records thousands of runs from many processes while builds and a compaction run.

    python tests/drills/many_runs.py --processes 16 --runs 2000 --builds 10

Every run must be in the next build, once and with its own end; those whose process was killed must
be abandoned. Prints what it found, and exits with 1 if anything is lost, repeated or wrong.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import on_path  # noqa: F401

# isort: split

from golden import source, write
from product import Product

# Each process records its share; the last run of one that is to be killed never ends.
WORKER = """
import os, sys, time
from enrich.runs import fail_run, run, start_run
first, count, is_killed = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3] == "killed"
for number in range(first, first + count - is_killed):
    if number % 3:
        with run("drill", attrs={"number": number}, rows_in=number) as current:
            current.rows_out = number * 2
    else:
        fail_run(start_run("drill", attrs={"number": number}), f"number {number}")
if is_killed:
    start_run("drill", attrs={"number": first + count - 1})
    print("ready", flush=True)
    time.sleep(3600)
"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--processes", type=int, default=16)
    parser.add_argument("--runs", type=int, default=2000)
    parser.add_argument("--builds", type=int, default=10)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as home:
        faults = drill(Path(home), given.processes, given.runs, given.builds)
    for fault in faults:
        print(fault)
    sys.exit(bool(faults))


def drill(home: Path, processes: int, runs: int, builds: int) -> list[str]:
    """Return what is wrong after all processes have ended and one more build."""
    product = Product(home)
    write(home / "code/small/small.py", source(20, "small"))
    product.enrich("refresh-meta", home / "code")
    share = runs // processes
    began = time.monotonic()
    workers = [_start(product, number, share) for number in range(processes)]
    for number in range(builds):
        product.enrich("refresh-meta")
        if number == builds // 2:
            product.land("compact")
    for number, worker in enumerate(workers):
        if _is_killed(number):
            assert worker.stdout and worker.stdout.readline() == "ready\n"
            os.kill(worker.pid, signal.SIGKILL)
        worker.wait()
    seconds = time.monotonic() - began
    product.enrich("refresh-meta")
    print(f"{processes} processes, {share * processes} runs, {builds} builds: {seconds:.0f} s")
    return _faults(product, processes, share)


def _is_killed(number: int) -> bool:
    return number % 4 == 0


def _start(product: Product, number: int, share: int) -> subprocess.Popen[str]:
    kind = "killed" if _is_killed(number) else "ends"
    return product.start(sys.executable, "-c", WORKER, str(number * share), str(share), kind)


def _faults(product: Product, processes: int, share: int) -> list[str]:
    rows = product.query(
        "select cast(json_extract(attrs, '$.number') as integer) as number, status, rows_in,"
        " rows_out, error_message from ingest_runs where origin = 'script'"
    )
    found = {row[0]: row for row in rows}
    print(Counter(row[1] for row in rows))
    counts = Counter(row[0] for row in rows)
    faults = [f"{count} rows of run {number}" for number, count in counts.items() if count > 1]
    for number in range(processes * share):
        is_last = number % share == share - 1 and _is_killed(number // share)
        if is_last:
            wanted = (number, "abandoned", None, None, None)
        elif number % 3:
            wanted = (number, "completed", number, number * 2, None)
        else:
            wanted = (number, "failed", None, None, f"number {number}")
        if found.get(number) != wanted:
            faults.append(f"run {number}: {found.get(number)} instead of {wanted}")
    return faults


if __name__ == "__main__":
    main()
