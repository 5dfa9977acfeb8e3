{{ config(materialized='ephemeral') }}
with files as (
    select * from {{ ref('int_code__importable_files') }}
),

ruby_roots as (
    select
        *,
        unnest(list_distinct([
            regexp_extract(path, '^(.*?/(?:lib|test|spec))/.', 1),
            regexp_extract(path, '^(.*/(?:lib|test|spec))/.', 1)
        ])) as root,
    from files
    where family = 'ruby'
),

-- Compilers and shells search every end of a path in folders that only a build knows.
ends as (
    select
        *,
        string_split(file_path, '/') as parts,
        unnest(generate_series(1, len(parts))) as first_part,
        array_to_string(parts[first_part:], '/') as ending,
    from files where family in ('c', 'php', 'shell') or ext in ('inc', 'def', 'inl', 'ipp', 'tpp')
),

-- what is in a file by the package that it declares, and its name
declared as (
    select
        files.*,
        code.package,
        code.package || case files.family when 'php' then '\' else '.' end || files.stem as key,
        left(
            files.directory_path,
            greatest(length(files.directory_path) - length(code.package) - 1, 0)
        ) as root,
    from files
    inner join {{ ref('int_code__files') }} as code using (file_id)
    where files.family in ('java', 'csharp', 'php') and code.package is not null
),

-- one row per file and name under which an import finds it below a root
final as (
    select
        'python name' as space,
        project_id || ' ' || dotted as key,
        file_id,
        root,
        is_test,
    from {{ ref('int_code__python_names') }}

    union all

    select
        'ruby name' as space,
        substr(path_stem, length(root) + 2) as key,
        file_id,
        root,
        is_test,
    from ruby_roots
    where root <> ''

    union all

    select
        'end' as space,
        project_id || ' ' || ending as key,
        file_id,
        left(path, length(path) - length(ending) - 1) as root,
        is_test,
    from ends

    union all

    select family || ' name' as space, key, file_id, root, is_test from declared

    union all

    select
        'folder' as space,
        directory_path as key,
        file_id,
        directory_path as root,
        ends_with(stem, '_test') as is_test,
    from files
    where family = 'go'

    union all

    select
        family || ' package' as space,
        package as key,
        file_id,
        null as root,
        is_test,
    from declared
)

select * from final
