with stored as (
    select * from {{ ref('stg_git__commits') }}
),

readings as (
    select * from {{ ref('int_git__readings') }}
),

bot_authors as (
    select * from {{ ref('bot_authors') }}
),

newest as (
    select
        stored.* exclude (changes_state),
        readings.changes_state,
    from stored
    inner join readings
        on readings.commit_sha = stored.commit_sha and readings.text_run_id = stored.run_id
),

-- one row per author and way to recognise a bot
compared as (
    select
        authors.author_name,
        authors.author_email,
        bot_authors.position,
        bot_authors.text,
        lower(
            case bot_authors.field
                when 'name' then authors.author_name
                else authors.author_email
            end
        ) as field,
    from (select distinct author_name, author_email from newest) as authors
    cross join bot_authors
),

bots as (
    select distinct
        author_name,
        author_email,
    from compared
    where
        case position
            when 'start' then starts_with(field, text)
            when 'end' then ends_with(field, text)
            else field = text
        end
),

-- one row per commit, as its newest reader parsed it
final as (
    select
        newest.*,
        coalesce(newest.committed_at, timestamp '1970-01-01') as clock_at,
        bots.author_email is not null as is_bot,
    from newest
    left join bots
        on bots.author_name = newest.author_name and bots.author_email = newest.author_email
)

select * from final
