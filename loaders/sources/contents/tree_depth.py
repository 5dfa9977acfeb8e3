"""How deep a syntax tree is.

A query passes a tree of nested nodes in a time that grows with the square of the depth: a sum of
10,000 terms takes seconds, and one of 100,000 minutes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tree_sitter import Node

# People nest less, and what is generated so deep is data.
_DEEPEST = 1000
# A node with fewer nodes in it is not looked into.
_SMALL = 1000


def is_too_deep(root: Node) -> bool:
    """Return whether a tree is deeper than about a thousand nodes."""
    level = [root]
    for _depth in range(_DEEPEST):
        level = [
            child for node in level for child in node.children if child.descendant_count > _SMALL
        ]
        if not level:
            return False
    return True
