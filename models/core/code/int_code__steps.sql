{% set most_steps_of_a_name = 32 %}
with scopes as (
    select file_id as to_file_id, shared_scope as to_shared_scope
    from {{ ref('int_code__scopes') }}
),

-- A name of a file leads on: by what it imports, in the order of what that may be; to a module of
-- the package that it stands for; from a member of a type to that of a base type.
-- A name of a shared scope leads to the file that defines it.
steps as (
    select
        file_id as scope,
        bound_name as head,
        case when bound_name = '*' then 'star' else 'import' end as kind,
        to_file_id,
        prefix,
        skipped,
        [import_index, place] as turn,
        false as is_linear,
    from {{ ref('int_code__bindings') }}
    where scope is null and bound_name is not null

    union all

    select
        file_id as scope,
        module_name as head,
        'import' as kind,
        module_file_id as to_file_id,
        null as prefix,
        null as skipped,
        [99999, 0] as turn,
        false as is_linear,
    from {{ ref('int_code__package_modules') }}

    union all

    select
        file_id as scope,
        symbol as head,
        'base' as kind,
        to_file_id,
        base_name as prefix,
        null as skipped,
        turn,
        is_linear,
    from {{ ref('int_code__inherited') }}

    union all

    select
        shared_scope as scope,
        qualified_name as head,
        case when is_global then 'global' else 'package' end as kind,
        file_id as to_file_id,
        null as prefix,
        null as skipped,
        [99999, 1] as turn,
        false as is_linear,
    from {{ ref('int_code__shared_names') }}
)

select * from steps
inner join scopes using (to_file_id)
-- A file may bind one name, or import all names, thousands of times.
qualify
    row_number() over (partition by scope, head order by turn, to_file_id)
    <= {{ most_steps_of_a_name }}
