"""`make bench`: what the collector costs on a tree, beside what plain tools cost on the same files."""
