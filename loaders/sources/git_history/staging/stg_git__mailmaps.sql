{{ landed('git_mailmaps') }}
