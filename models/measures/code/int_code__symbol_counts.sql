{{ config(materialized='ephemeral') }}
{% set limits = {
    'code_lines': 'max_function_lines',
    'cyclomatic_complexity': 'max_cyclomatic',
    'cognitive_complexity': 'max_cognitive',
    'nesting_depth': 'max_nesting',
    'parameter_count': 'max_parameters',
} %}
{% set lists = {
    'exports': 'is_exported and parent_name is null',
    'functions': 'is_function',
    'classes': "kind = 'class'",
    'structs': "kind = 'struct'",
    'enums': "kind = 'enum'",
    'traits': "kind = 'trait'",
} %}
with symbols as (
    select
        *,
        kind in ('function', 'method') as is_function,
        (start_line, qualified_name) as place,
        len(list_filter(
            from_json(parameters, '["varchar"]'), lambda one: one not in ('self', 'cls', 'this')
        )) as parameter_count,
    from {{ ref('code_symbols') }}
),

limits as (
    {{ code_settings(limits.values()) }}
),

-- one row per definition, with the limits that it exceeds
judged as (
    select
        symbols.*,
        [
            {% for measure, limit in limits.items() -%}
            is_function and {{ measure }} > {{ limit }}{{ ',' if not loop.last }}
            {% endfor %}
        ] as smells,
    from symbols
    cross join limits
),

-- one row per file with definitions: how many of each kind, and their names in the order of lines
final as (
    select
        file_id,
        count(*) as symbol_count,
        {% for kind in ['class', 'struct', 'enum', 'trait', 'interface'] -%}
        count(*) filter (where kind = '{{ kind }}') as {{ kind }}_count,
        {% endfor -%}
        count(*) filter (where is_function) as function_count,
        max(cyclomatic_complexity) filter (where is_function) as max_cyclomatic,
        count(*) filter (where is_exported and kind <> 'module') as exported_count,
        count(*) filter (where is_exported and kind <> 'module' and has_docs) as documented_count,
        sum(len(list_filter(smells, lambda one: one))) as smells,
        {% for names, condition in lists.items() -%}
        list(qualified_name order by place) filter (where {{ condition }}) as {{ names }},
        {% endfor -%}
    from judged
    group by file_id
)

select * from final
