{{ current_rows('artifact_pointers') }}
