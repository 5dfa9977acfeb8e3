"""A small dose of the drill of keeping, and the proof that its detectors detect.

The large dose is by hand.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

DRILL = Path(__file__).parents[2] / "drills" / "keeping_drill.py"

DETECTS = """
import json, random, sys, time
from pathlib import Path
import keeping_drill as k

drill = k.Drill(Path(sys.argv[1]) / "home", random.Random(1))
drill.check("peace")
found = {"peace": list(drill.tally.broken)}

def check(name):
    drill.tally.broken.clear()
    drill.check(name)
    found[name] = [line.partition(": ")[2] for line in drill.tally.broken]

stranger = drill.home / "backup_a" / "published" / "99.duckdb"
raw = stranger.read_bytes()
stranger.write_bytes(raw)
check("written again")
stranger.unlink()
check("deleted")
stranger.write_bytes(raw)
check("made again")

entry = sorted((drill.home / "landing" / "log").glob("0*.json"))[0]
places = [drill.home / name for name in ("landing", "backup_a", "backup_b")]
for place in places[:2]:
    (place / "log" / entry.name).unlink()
check("entry in one backup")
(places[2] / "log" / entry.name).write_text("{}")
check("entry lost")
landed = sorted(places[0].glob("runs/*/crawl_files*.parquet"))[0]
for place in places:
    (place / landed.relative_to(places[0])).write_bytes(b"x")
check("file lost")

def play(action):
    process = drill.start("crawl", action)
    process.wait()
    return [line.partition(",")[0] for line in process.unclean()]

def silent():
    sys.exit(1)

def two_lines():
    print("one\\ntwo", file=sys.stderr)
    sys.exit(2)

def traceback():
    raise ValueError("odd")

def odd_code():
    print("odd", file=sys.stderr)
    sys.exit(120)

def fine():
    print("fine")

def refused():
    print("refused", file=sys.stderr)
    sys.exit(2)

for action in (silent, two_lines, traceback, odd_code, fine, refused):
    found[action.__name__] = play(action)
slow = drill.start("crawl", lambda: time.sleep(60))
slow.kill(True)
slow.wait()
found["killed"] = slow.unclean()
print(json.dumps(found))
"""


def test_random_pairs_and_kills_lose_nothing_and_change_no_foreign_file(tmp_path: Path) -> None:
    command = [
        sys.executable,
        DRILL,
        "--count",
        "30",
        "--real-every",
        "0",
        "--seed",
        "3",
        "--home",
        tmp_path,
    ]
    answer = subprocess.run(command, capture_output=True, text=True)
    tally = json.loads(answer.stdout)
    assert (answer.returncode, tally["broken"], tally["what_broke"]) == (0, 0, []), answer.stderr
    assert tally["pairs"] == 30 and sum(tally["killed"].values()) > 0 and len(tally["commands"]) > 4


def test_the_drill_reports_each_planted_fault(tmp_path: Path) -> None:
    answer = subprocess.run(
        [sys.executable, "-c", DETECTS, tmp_path], capture_output=True, text=True, cwd=DRILL.parent
    )
    assert answer.returncode == 0, answer.stderr
    found = json.loads(answer.stdout)
    stranger = f"touched: {tmp_path}/home/backup_a/published/99.duckdb"
    assert {
        name: reported
        for name, reported in found.items()
        if name in ("peace", "entry in one backup", "fine")
    } == {
        "peace": [],
        "entry in one backup": [],
        "fine": [],
    }
    assert found["written again"] == found["deleted"] == found["made again"] == [stranger]
    assert found["entry lost"] == ["entry 00000000000000000001.json is lost"]
    assert [
        line for line in found["file lost"] if line.endswith("crawl_files.0000.parquet is lost")
    ]
    assert found["silent"] and found["two_lines"] == ["not one line on standard error"]
    assert "a traceback" in found["traceback"] and found["odd_code"][0] == "exit code 120"
    assert found["refused"] == found["killed"] == []
