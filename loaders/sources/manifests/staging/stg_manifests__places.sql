{{ landed('manifest_places') }}
