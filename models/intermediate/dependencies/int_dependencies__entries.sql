with contents as (
    select * from {{ ref('int_dependencies__contents') }}
    where state = 'read'
),

-- one row per dependency that the content of a manifest declares, by the newest reading
final as (
    select entries.* exclude (landed_at)
    from {{ ref('stg_manifests__dependencies') }} as entries
    inner join contents using (run_id, sha256, format)
)

select * from final
