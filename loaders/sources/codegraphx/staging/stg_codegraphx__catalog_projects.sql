{{ current_rows('catalog_projects') }}
-- If several catalogues contain a path, the one whose file changed last counts. A row without a
-- path is a row of its own.
qualify row_number() over (
    partition by coalesce(landed.path_key, landed.artifact_path || landed.position)
    order by
        artifacts.mtime_ns desc,
        artifacts.run_seq desc,
        landed.artifact_path desc,
        landed.position desc
) = 1
