{{ landed('manifest_packages') }}
