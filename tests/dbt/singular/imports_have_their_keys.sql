-- Each import of a file has a number of its own.
{{ keys_that_fail({
    'code_imports': ['file_id', 'import_index'],
}) }}
