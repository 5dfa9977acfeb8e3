{% macro of_crawl(column) -%}
    {#
        `facts_at` or `run_id` of a row of `verdicts`, with the newest crawl of its project if the
        facts are from it. The query reads `crawls` and `projects`.
    #}
    {%- if column == 'facts_at' -%}
    case
        -- `least` ignores NULL.
        when verdicts.is_from_crawl then least(verdicts.facts_at, crawls.last_crawled_at)
        else verdicts.facts_at
    end
    {%- else -%}
    coalesce(verdicts.run_id, crawls.run_id, projects.repository_run_id)
    {%- endif %}
{%- endmacro %}
