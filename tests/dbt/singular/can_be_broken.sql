-- A drill: META_TEST_BREAKS in the environment turns the build red, which proves that red builds do not publish.
select 1 as broken
where {{ env_var('META_TEST_BREAKS', 'no') == 'yes' }}
