"""From landed facts to the published file: the build database, the swap, the kept versions."""
