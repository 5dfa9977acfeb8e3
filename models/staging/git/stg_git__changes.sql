{{ landed('git_changes') }}
