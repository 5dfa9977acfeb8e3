{{ landed('manifest_dependencies') }}
