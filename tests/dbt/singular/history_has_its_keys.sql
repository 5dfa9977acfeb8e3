-- Whether every relation of git history has its key, in one node: a node per key would cost every
-- build more than the check itself. The keys of git_commits and v_file_history follow from those of
-- the two relations that they join.
{% set keys = {
    'int_git__changes': ['commit_sha', 'parent_number', 'file_path'],
    'commits': ['project_id', 'commit_sha'],
    'git_refs': ['project_id', 'ref_name'],
    'file_versions': ['project_id', 'file_path', 'chain_place'],
    'git_authors': ['author_email'],
    'git_repositories': ['project_id'],
    'git_agent_sessions': ['session_id'],
    'git_pending_merges': ['project_id', 'ref_name'],
    'git_merge_history': ['project_id', 'merge_commit'],
    'v_hotspots': ['file_id'],
    'v_ownership': ['scope', 'project_id', 'subject'],
    'v_change_coupling': ['project_id', 'file_path_a', 'file_path_b'],
    'v_project_lineage': ['project_a_id', 'project_b_id'],
} %}
{% for relation, columns in keys.items() %}
select '{{ relation }}' as relation, count(*) as copies
from {{ ref(relation) }}
group by {{ columns | join(', ') }}
having
    count(*) > 1
    {%- for column in columns %}
    or {{ column }} is null
    {%- endfor %}

{{ 'union all' if not loop.last }}
{% endfor %}
