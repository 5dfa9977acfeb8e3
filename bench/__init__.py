"""`make bench`: the cost of the collector on a tree, beside plain tools on the same files."""
