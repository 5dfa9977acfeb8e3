"""The contents that were crawled, read once for everything that is extracted from them."""
