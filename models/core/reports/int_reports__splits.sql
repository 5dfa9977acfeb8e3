with variants as (
    select * from {{ ref('int_reports__variants') }}
),

projects as (
    select * from {{ ref('int_structure__projects') }}
    where not is_gone and kind <> 'loose_files'
),

-- the absolute ones that are below a project of this machine
here as (
    select distinct around.path_no, around.text
    from (
        select path_no, text, unnest({{ ancestors('text') }}) as above_path
        from variants
        where is_absolute
    ) as around
    inner join projects on rtrim(projects.project_path, '/') = around.above_path
),

apart as (
    select
        variants.*,
        here.path_no is not null or variants.is_mapped as is_here,
        string_split(variants.text, '/') as parts,
    from variants
    left join here using (path_no, text)
),

cut as (
    select
        *,
        unnest(generate_series(1, least(len(parts), 64))) as kept,
    from apart
    where (is_absolute or is_package) and not is_here
),

-- One row per path and way to cut it: `outer` is a folder where the tool ran, `rest` the path below
-- it. A relative path has the outer folder '' whatever it was, and '..' if it leads out of that.
final as (
    select
        path_no, run_no, variant_rank, is_windows, is_package, is_mapped,
        '/' as outer_path,
        text as rest,
    from apart
    where is_here

    union all

    select
        path_no, run_no, variant_rank, is_windows, is_package, is_mapped,
        '' as outer_path,
        text as rest,
    from apart
    where not is_absolute

    union all

    select
        path_no, run_no, variant_rank, is_windows, is_package, is_mapped,
        '..' as outer_path,
        regexp_replace(text, '^(\.\./)+', '') as rest,
    from apart
    where not is_absolute and starts_with(text, '../')

    union all

    select
        path_no, run_no, variant_rank, is_windows, is_package, is_mapped,
        array_to_string(parts[1:len(parts) - kept], '/') as outer_path,
        array_to_string(parts[len(parts) - kept + 1:], '/') as rest,
    from cut
    where kept < len(parts)
)

select * from final
