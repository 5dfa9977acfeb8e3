with decisions as (
    select * from {{ ref('int_roles__decisions') }}
),

settings as (
    select {{ role_setting('secondary_at_least') }} as secondary_at_least
),

evidence as (
    select * from {{ ref('int_roles__evidence') }}
),

final as (
    select
        decisions.file_id,
        decisions.project_id,
        decisions.project_path,
        decisions.file_path,
        decisions.language,
        decisions.primary_role,
        decisions.confidence,
        {{ as_json_text(
            "list_filter(
                " ~ role_list() ~ ",
                lambda role: role not in ('none', decisions.primary_role)
                    and decisions.probabilities[list_position(" ~ role_list() ~ ", role)]
                        >= settings.secondary_at_least
            )"
        ) }} as secondary_roles,
        decisions.role_source,
        evidence.evidence,
        {{ likeliest_role('decisions.path_probabilities') }} as path_role,
        list_max(decisions.path_probabilities) as path_confidence,
        {{ likeliest_role('decisions.content_probabilities') }} as content_role,
        list_max(decisions.content_probabilities) as content_confidence,
        {% for role in roles() -%}
        decisions.probabilities[{{ loop.index }}] as {{ role }}_probability,
        {% endfor -%}
        decisions.parse_state,
        decisions.override_reason,
        decisions.overridden_on,
        decisions.run_id as source_run_id,
    from decisions
    cross join settings
    left join evidence using (file_id)
)

select * from final
