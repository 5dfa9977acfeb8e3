{{ landed('git_members') }}
