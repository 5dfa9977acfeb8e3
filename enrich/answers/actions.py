"""Actions of the queue, each as a block of text."""

from __future__ import annotations

from typing import Any

from enrich.screen import Screen
from enrich.values import shown


def write_actions(screen: Screen, actions: list[dict[str, Any]]) -> None:
    """Write a block per action: rank and title, the reason, the command."""
    if not actions:
        screen.text("nothing to do")
    for number, action in enumerate(actions):
        if number:
            screen.gap()
        screen.entry(
            f"{action['rank']:>2}  {action['priority']:>5.1f}  ", action["title"] or "", 11
        )
        screen.text(action["rationale"] or "", 11)
        if action["status"] != "queued":
            screen.text(f"{action['status']} by {shown(action['owner'])}", 11, "yellow")
        if action["command"]:
            screen.command(f"$ {action['command']}", 11)
