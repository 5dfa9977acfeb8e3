"""The build of a refresh: it makes what changed, and keeps what did not.

`planning` lets dbt build nothing once per version of the code, and records what dbt executed: the
plan. `plan` is that record, `kept` the record of the tables that earlier builds made, `replay`
executes the plan over the landing zone, and `python -m loaders.building` does so in a process that
holds the build lock, and publishes.
"""
