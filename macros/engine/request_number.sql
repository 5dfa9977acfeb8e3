{% macro request_number(subject, body, remote_url) -%}
    {#
        The number of the pull or merge request in the message of a commit, as hosts write it:
        GitHub, Bitbucket, Azure DevOps and bors at the beginning of the subject, Gitea and Forgejo
        with the title before it; at the end of the subject for squashed requests, except that
        `(#12)` is an issue on GitLab; GitLab, Gitea and Gerrit in a line of the body.
    #}
    {%- set words = 'Merge pull request [#!]?|Merged PR |(?:M|Auto m|Rollup m)erge (?:of )?#' -%}
    {%- set lines = '(?m)^(?:See merge request (?:[^ !]+)?!|Reviewed-on: https?://[^ ]+/)' -%}
    try_cast(coalesce(
        nullif(regexp_extract({{ subject }}, '^(?:{{ words }})([0-9]+)(?:[ :]|$)', 1), ''),
        nullif(
            regexp_extract({{ subject }}, '^Merge pull request ''.*'' \([#!]([0-9]+)\) from ', 1),
            ''
        ),
        case when regexp_matches({{ subject }}, '\)$') then nullif(
            case
                when regexp_matches(coalesce({{ remote_url }}, ''), '[/@.]gitlab\.')
                    then regexp_extract({{ subject }}, ' \(!([0-9]+)\)$', 1)
                else regexp_extract(
                    {{ subject }}, ' \((?:#|!|GH-|pull request #)([0-9]+)\)$', 1
                )
            end,
            ''
        ) end,
        case when contains({{ body }}, 'See merge request') or contains({{ body }}, 'Reviewed-on:')
            then nullif(regexp_extract({{ body }}, '{{ lines }}([0-9]+)[ \t]*$', 1), '')
        end
    ) as bigint)
{%- endmacro %}
