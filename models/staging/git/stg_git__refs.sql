{{ landed('git_refs') }}
