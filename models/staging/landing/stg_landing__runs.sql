select * from {{ source('landed', 'runs') }}
