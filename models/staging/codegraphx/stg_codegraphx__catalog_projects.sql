{{ current_rows('catalog_projects') }}
-- Of the catalogues that know a project, the one that was landed last speaks; a row without a path
-- is nobody's.
qualify row_number() over (
    partition by coalesce(landed.path_key, landed.artifact_path || landed.position)
    order by
        artifacts.mtime_ns desc,
        artifacts.run_seq desc,
        landed.artifact_path desc,
        landed.position desc
) = 1
