"""Runs of outside programs: each start and each end is an event, written by any process."""
