-- The columns of each rule are those of macros/verdict_shape.sql: a row per column that is missing,
-- unknown or of another type.
with shape as (
    {% for column in verdict_shape() -%}
    select
        '{{ column.name }}' as column_name,
        '{{ column.type }}' as data_type,
        {{ 'default' not in column }} as is_required
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

rules as (
    {% for rule in rule_models() + rule_models(on_waivers=true) -%}
    select
        '{{ ref(rule).schema }}' as table_schema,
        '{{ rule }}' as table_name
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

given as (
    select
        rules.table_name,
        columns.column_name,
        case
            when regexp_matches(lower(columns.data_type), 'int|decimal|float|double') then 'double'
            when starts_with(lower(columns.data_type), 'timestamp') then 'timestamp'
            else lower(columns.data_type)
        end as data_type,
    from information_schema.columns as columns
    inner join rules using (table_schema, table_name)
    where columns.table_catalog = current_database()
),

expected as (
    select
        rules.table_name,
        shape.*,
    from rules
    cross join shape
)

select
    coalesce(given.table_name, expected.table_name) as rule,
    coalesce(given.column_name, expected.column_name) as column_name,
    case
        when given.column_name is null then 'is missing'
        when expected.column_name is null then 'is not in macros/verdict_shape.sql'
        else 'is ' || given.data_type || ', not ' || expected.data_type
    end as problem,
from expected
full join given
    on given.table_name = expected.table_name and given.column_name = expected.column_name
where
    (given.column_name is null and expected.is_required)
    or expected.column_name is null
    or given.data_type <> expected.data_type
