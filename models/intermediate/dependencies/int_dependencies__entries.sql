with contents as (
    select * from {{ ref('int_dependencies__contents') }}
    where state = 'read'
),

-- an entry of a content, as the newest reading has it
final as (
    select entries.* exclude (landed_at)
    from {{ ref('stg_manifests__dependencies') }} as entries
    inner join contents using (run_id, sha256, format)
)

select * from final
