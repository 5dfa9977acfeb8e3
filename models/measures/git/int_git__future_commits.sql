-- The commits of a later day than the build, of a wrong clock: hardly ever any. A model that leaves
-- them out is therefore the same on most days.
select commits.project_id, commits.commit_sha
from {{ ref('commits') }} as commits
cross join {{ ref('as_of_day') }} as as_of_day
where {{ age_days('commits.committed_at') }} < 0
