"""Status, next actions, SQL."""
