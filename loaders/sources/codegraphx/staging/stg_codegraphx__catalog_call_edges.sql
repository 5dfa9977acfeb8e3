-- The landed rows have the file of the caller without its key.
select
    *,
    {{ key_beneath('caller_file', 'source_path', 'source_path_key') }} as caller_file_key,
from ({{ newest_in_catalogs(
    'catalog_call_edges', ['source_path_key', 'caller_uid', 'callee_name', 'callee_uid']
) }})
