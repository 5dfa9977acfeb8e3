{{ landed('path_looks') }}
qualify row_number() over (partition by path_key order by run_seq desc) = 1
