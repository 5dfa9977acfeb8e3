{{ landed('git_lines') }}
