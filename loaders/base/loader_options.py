"""Options that several loaders have."""

from __future__ import annotations

import click

dry_run_option = click.option(
    "--dry-run", is_flag=True, help="Show what would land, and land nothing."
)
strict_option = click.option("--strict", is_flag=True, help="Exit 1 if anything could not be read.")
totals_as_json_option = click.option(
    "--json", "as_json", is_flag=True, help="Print the totals as JSON."
)
