-- Whether the relations of git that change with time, or with every crawl, have their keys.
{{ keys_that_fail({
    'git_refs': ['project_id', 'ref_name'],
    'git_authors': ['author_email'],
    'git_repositories': ['project_id'],
    'git_agent_sessions': ['session_id'],
    'git_pending_merges': ['project_id', 'ref_name'],
    'v_hotspots': ['file_id'],
    'v_ownership': ['scope', 'project_id', 'subject'],
    'v_change_coupling': ['project_id', 'file_path_a', 'file_path_b'],
    'v_project_lineage': ['project_a_id', 'project_b_id'],
}) }}
