"""The history of repositories: their commits, the changes of each, and their refs."""
