-- A drill: META_TEST_BREAKS in the environment makes the build fail, which proves that a failed
-- build does not publish.
select 1 as broken
where getvariable('is_to_fail')
