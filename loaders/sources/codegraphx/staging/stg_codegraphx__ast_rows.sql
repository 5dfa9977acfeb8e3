{{ current_rows('codegraphx_ast_rows') }}
