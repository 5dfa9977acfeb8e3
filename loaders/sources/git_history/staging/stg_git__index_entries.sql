{{ landed('git_index_entries') }}
