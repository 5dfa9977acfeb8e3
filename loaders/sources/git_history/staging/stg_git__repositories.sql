{{ landed('git_repositories') }}
