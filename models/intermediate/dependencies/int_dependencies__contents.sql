with packages as (
    select * from {{ ref('stg_manifests__packages') }}
),

-- one row per content and format, from the newest reading
final as (
    select * exclude (landed_at)
    from packages
    qualify row_number() over (partition by sha256, format order by run_seq desc) = 1
)

select * from final
