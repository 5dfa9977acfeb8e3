-- Without a prefix: every model, test and page calls the moment of a build `as_of`. It is a floor
-- of its own, below the facts: what judges reads it, and it is published.
{% set given = var('as_of') %}
{% set moment = "'" ~ given ~ "'" if given else "getvariable('build_started_at')" %}
select
    cast({{ moment }} as timestamp) as as_of,
    {{ 'true' if given else 'false' }} as is_explicit,
