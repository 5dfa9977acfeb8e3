-- Whether the relations of landed history have their keys. The keys of git_commits and
-- v_file_history follow from those of the two relations that they join.
{{ config(meta={'parts': {'reads': {
    'int_git__changes': 'commit_sha',
    'commits': 'project_id',
    'file_versions': 'project_id',
    'git_merge_history': 'project_id',
}}}) }}
{{ keys_that_fail({
    'int_git__changes': ['commit_sha', 'parent_number', 'file_path'],
    'commits': ['project_id', 'commit_sha'],
    'file_versions': ['project_id', 'file_path', 'chain_place'],
    'git_merge_history': ['project_id', 'merge_commit'],
}) }}
