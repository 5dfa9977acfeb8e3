{{ landed('git_worktrees') }}
