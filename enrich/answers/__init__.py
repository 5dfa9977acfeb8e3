"""Answers that several commands give: findings, actions, the status page."""
