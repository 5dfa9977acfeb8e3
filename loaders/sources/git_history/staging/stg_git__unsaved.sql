{{ landed('git_unsaved') }}
