{{ landed('git_commits') }}
