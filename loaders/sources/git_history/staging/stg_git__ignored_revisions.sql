{{ landed('git_ignored_revisions') }}
