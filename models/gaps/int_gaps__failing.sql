{% set documents = ['evidence', 'text_values', 'common_values'] %}
-- one row per name that several projects have; texts have their paths from the root instead
with namesakes as (
    select project_name
    from {{ ref('int_structure__projects') }}
    where not is_gone
    group by project_name
    having count(*) > 1
),

-- a finding with the templates of its situation, and the values that every template may use
worded as (
    select
        verdicts.* exclude (is_from_crawl) replace (
            {{ of_crawl('facts_at') }} as facts_at,
            {{ of_crawl('run_id') }} as run_id
        ),
        projects.first_path,
        texts.* exclude (gap_type, situation),
        texts.gap_type is not null as has_texts,
        -- the general sentences, for a finding whose own have an unknown value
        coalesce(rules.title, verdicts.gap_type) || ': ' || coalesce(
            projects.project_name, verdicts.subject, 'unknown'
        ) as plain_headline,
        coalesce(rtrim(rules.rationale, '.'), rules.title, verdicts.gap_type) as plain_reason,
        coalesce(rules.remedy, rules.title, verdicts.gap_type) as plain_advice,
        {{ json_object([
            ('title', 'rules.title'), ('rationale', "rtrim(rules.rationale, '.')"),
            ('remedy', 'rules.remedy'), ('project_id', 'verdicts.project_id'),
            ('project_path', 'verdicts.project_path'),
            ('project_name', "case when namesakes.project_name is null then projects.project_name "
                ~ "else " ~ short_path('projects.project_path', 'projects.root_path') ~ " end"),
            ('root_path', 'projects.root_path'), ('subject', 'verdicts.subject'),
            ('subject_here', "coalesce(" ~ short_path('verdicts.subject', 'projects.root_path')
                ~ ", verdicts.subject)"),
            ('scan_label', 'coalesce(sources.label, verdicts.scan_source)'),
        ]) }} as common_values,
    from {{ ref('int_gaps__verdicts') }} as verdicts
    inner join {{ ref('gap_rules') }} as rules using (gap_type)
    left join {{ ref('int_gaps__texts') }} as texts using (gap_type, situation)
    left join {{ ref('int_structure__projects') }} as projects using (project_id)
    left join namesakes on namesakes.project_name = projects.project_name
    left join {{ ref('int_structure__project_crawls') }} as crawls using (project_id)
    left join {{ ref('scan_sources') }} as sources on sources.name = verdicts.scan_source
    where verdicts.verdict = 'fail'
),

rendered as (
    select
        * replace (
            {% for field in ['headline', 'because', 'advice', 'action_group'] -%}
            {{ rendered(field, documents) }} as {{ field }}{{ ',' if not loop.last }}
            {% endfor %}
        ),
        {{ rendered_words('command', documents) }} as words,
    from worded
    where has_texts or error(gap_type || ' has no texts for the situation ' || situation)
),

-- one row per finding that this build sees, with its sentences and the command of a first step
final as (
    select
        rendered.* exclude (
            headline, because, advice, command, effect, action_group,
            has_texts, common_values, words, plain_headline, plain_reason, plain_advice
        ),
        coalesce(scans.headline, nullif(rendered.headline, ''), plain_headline) as headline,
        coalesce(nullif(rendered.because, ''), plain_reason) as because,
        coalesce(scans.advice, nullif(rendered.advice, ''), plain_advice) as recommended_action,
        coalesce(scans.action_group, nullif(rendered.action_group, '')) as action_group,
        case
            when scans.project_id is not null then scans.argv
            -- The tool is installed, and each path can be given as text.
            when tools.path is not null
                and len(list_filter(words, lambda word: word is null or contains(word, '\'))) = 0
                then list_concat([tools.path], words[2:])
        end as argv,
        case when scans.project_id is not null then 'execute' else rendered.effect end as effect,
        places.cwd,
    from rendered
    left join {{ ref('int_coverage__scan_work') }} as places using (project_id, scan_source)
    -- A command of the rule's own wins over the scan.
    left join {{ ref('int_coverage__scan_work') }} as scans
        on scans.project_id = rendered.project_id
        and scans.scan_source = rendered.scan_source
        and rendered.command = ''
    left join {{ ref('int_rules__tools') }} as tools on tools.name = words[1]
)

select * from final
