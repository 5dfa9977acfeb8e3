{{ landed('manifest_statements') }}
