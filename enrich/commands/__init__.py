"""The commands, in a folder for each group of `enrich --help`; `enrich.cli` lists them."""
