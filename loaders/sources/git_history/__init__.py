"""The history of repositories: which commits there are, what each changed, where refs stand."""
