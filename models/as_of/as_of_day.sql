-- Apart from the moment: what reads only the day is the same in every build of that day.
select cast(as_of as date) as as_of_day from {{ ref('as_of') }}
