"""The table of the forty nights, written down before the first run: what is done, the changes that
must be reported, and whether the night publishes. `forty_nights.py` plays it.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import night_deeds as deeds
from night_deeds import World
from real_work import write


@dataclass(frozen=True)
class Night:
    """*done* changes the world; the *changes* are to be reported, as `kind project subject`."""

    text: str
    done: Callable[[World], None] = lambda world: None
    changes: tuple[str, ...] = ()
    publishes: bool = True
    how: Callable[[World], None] | None = None
    says: tuple[str, ...] = ()
    # How far the clock is ahead.
    ahead: timedelta = timedelta()


_OPENED, _CLOSED = "finding_opened", "finding_closed"
NIGHTS = (
    Night("the first refresh", deeds.begin),
    Night("nothing happened"),
    Night(
        "a new project",
        lambda world: world.create("tool", deeds.tool("tool")),
        ("project_new tool",),
    ),
    Night(
        "a commit",
        deeds.files("api", lambda p: write(p / "src/api/more.py", "more = 1\n"), "More"),
        ("commits_added api main",),
    ),
    Night("a branch", deeds.branch, ("branch_created web feature",)),
    Night("a release", deeds.release, ("tag_created lib v1.0.0",)),
    Night("a project moved", deeds.move("tool", "tools/tool"), ("project_moved tools/tool",)),
    Night(
        "a project was renamed",
        deeds.move("tools/tool", "tools/instrument"),
        ("project_renamed tools/instrument",),
    ),
    Night("three commits", deeds.rewrite, ("commits_added web main",)),
    Night(
        "a branch was pushed by force",
        deeds.force,
        ("history_rewritten web main", f"{_OPENED} web HISTORY_REWRITTEN"),
    ),
    Night("a branch was deleted", deeds.branch_gone, ("branch_deleted web feature",)),
    Night("old work was never committed", deeds.draft, (f"{_OPENED} api UNSAVED_WORK",)),
    Night(
        "it is committed and pushed",
        deeds.files("api", lambda p: None, "Add the draft"),
        ("commits_added api main", f"{_CLOSED} api UNSAVED_WORK"),
    ),
    Night(
        "a repository without a remote",
        deeds.lonely,
        ("project_new lonely", f"{_OPENED} lonely UNSAVED_WORK"),
    ),
    Night(
        "a large file",
        deeds.files("web", deeds.large, "Add it"),
        ("commits_added web main", f"{_OPENED} web LARGE_FILE_TRACKED"),
    ),
    Night(
        "it is gone from the branch",
        deeds.files("web", deeds.without("model.bin"), "Remove it"),
        ("commits_added web main", f"{_CLOSED} web LARGE_FILE_TRACKED"),
    ),
    Night(
        "no readme and no licence",
        deeds.files("lib", deeds.without("README.md", "LICENSE"), "Remove them"),
        ("commits_added lib main", f"{_OPENED} lib NO_BASICS"),
    ),
    Night(
        "they are back",
        deeds.files("lib", deeds.restored("lib", "README.md", "LICENSE"), "Restore them"),
        ("commits_added lib main", f"{_CLOSED} lib NO_BASICS"),
    ),
    Night(
        "a requirement that the project here does not satisfy",
        deeds.files("api", deeds.requires(">=9"), "Require the next version"),
        ("commits_added api main", f"{_OPENED} api VERSION_CONFLICT"),
    ),
    Night(
        "it is taken back",
        deeds.files("api", deeds.requires(">=1"), "Require the first version"),
        ("commits_added api main", f"{_CLOSED} api VERSION_CONFLICT"),
    ),
    # A rewriting of ten months ago is accepted; it is a recent one when the clock is right again.
    Night(
        "a clock that is ten months ahead",
        changes=(f"{_CLOSED} web HISTORY_REWRITTEN",),
        ahead=timedelta(days=300),
    ),
    Night("the clock is right again", changes=("finding_reopened web HISTORY_REWRITTEN",)),
    Night(
        "a bad threshold",
        deeds.bad_row("rule_thresholds.csv", "NO_SUCH_RULE,limit,3,days,"),
        says=("rule_thresholds.csv",),
    ),
    Night(
        "a bad rule",
        deeds.bad_row("gap_rules.csv", "PROJECT_STALE_SCAN,,,much,,,,,,"),
        says=("gap_rules.csv",),
    ),
    Night(
        "a bad weight",
        deeds.bad_row("priority_weights.csv", "no_such_weight,1,"),
        says=("priority_weights.csv",),
    ),
    Night(
        "a bad waiver",
        deeds.bad_row("waivers.csv", "NO_SUCH_RULE,web,*,because,mira,never"),
        says=("waivers.csv",),
    ),
    Night(
        "a bad role",
        deeds.bad_row("role_overrides.csv", "*,x.py,king,because"),
        says=("role_overrides.csv",),
    ),
    Night(
        "a bad label",
        deeds.bad_row("project_labels.csv", "web,colour,red,"),
        says=("project_labels.csv",),
    ),
    Night("the configuration is gone", lambda world: shutil.rmtree(world.config)),
    Night(
        "two refreshes at once",
        lambda world: world.create("pair", deeds.tool("pair")),
        ("project_new pair",),
        how=deeds.two_at_once,
    ),
    Night(
        "the refresh is killed",
        lambda world: world.create("late", deeds.tool("late")),
        publishes=False,
        how=deeds.killed,
    ),
    Night("the next one works", changes=("project_new late",)),
    Night("a disk that is full", publishes=False, how=deeds.full_disk),
    Night("there is room again"),
    Night(
        "a project is deleted",
        lambda world: shutil.rmtree(world.at("late")),
        ("project_gone late",),
    ),
    Night(
        "a folder comes back as another one",
        lambda world: write(world.at("papers2") / "pyproject.toml", '[project]\nname = "p2"\n'),
        # Too small for a rule to judge it.
        ("project_new papers2",),
    ),
    Night(
        "a copy",
        deeds.copy,
        ("project_new lib-copy", f"{_OPENED} lib-copy DUPLICATE_MIRROR_CONTENT"),
    ),
    Night(
        "the copy is deleted",
        lambda world: shutil.rmtree(world.at("lib-copy")),
        ("project_gone lib-copy", f"{_CLOSED} lib-copy DUPLICATE_MIRROR_CONTENT"),
    ),
    Night("the disk is not mounted: nothing can be crawled", deeds.unmount, publishes=False),
    Night("it is mounted again", deeds.mount),
)
