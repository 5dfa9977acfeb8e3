{{ landed('git_ref_changes') }}
