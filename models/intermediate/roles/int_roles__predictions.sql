with files as (
    select
        *,
        regexp_replace(file_path, '/?[^/]*$', '') as folder,
    from {{ ref('int_files__current') }}
    where is_own and language in (
        select language from {{ ref('file_languages') }} where file_kind = 'source'
    )
),

contents as (
    select * from {{ ref('int_roles__contents') }}
),

points as (
    select * from {{ ref('int_roles__path_points') }}
),

biases as (
    {{ role_weights('bias') | indent(4) }}
),

scored as (
    select
        files.file_id,
        files.project_id,
        files.project_path,
        files.file_path,
        files.path,
        files.name,
        files.folder,
        files.file_kind,
        files.language,
        files.sha256,
        contents.parse_state,
        greatest(files.run_id, contents.run_id) as run_id,
        contents.scores as content_scores,
        [
            {%- for role in roles() %}
            (
                coalesce(names.{{ role }}, 0)
                + coalesce(folders.{{ role }}, 0)
                + coalesce(kinds.{{ role }}, 0)
            ) / 1e9{{ ',' if not loop.last }}
            {%- endfor %}
        ] as path_scores,
    from files
    left join contents on contents.sha256 = files.sha256
    left join points as names on names.place = 'name' and names.text = files.name
    left join points as folders on folders.place = 'folder' and folders.text = files.folder
    left join points as kinds on kinds.place = 'kind' and kinds.text = files.file_kind
),

mixed as (
    select
        *,
        {{ mixed_scores('both', ['content', 'path']) }} as both_mixed,
        {{ mixed_scores('content', ['content']) }} as content_mixed,
        {{ mixed_scores('path', ['path']) }} as path_mixed,
    from scored
),

-- one row per own source file on disk: the probabilities of the roles by content and path, by each
-- alone
final as (
    select
        mixed.* exclude (content_scores, path_scores, both_mixed, content_mixed, path_mixed),
        case when content_scores is not null then {{ softmax('both_mixed') }} end as probabilities,
        case when content_scores is not null then {{ softmax('content_mixed') }} end
            as content_probabilities,
        {{ softmax('path_mixed') }} as path_probabilities,
    from mixed
)

select * from final
