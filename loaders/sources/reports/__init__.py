"""Reports of other tools: linters, scanners, test runners, coverage, SBOMs, lock files, audits."""
