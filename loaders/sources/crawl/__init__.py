"""The crawler: what is on disk below the roots that a person names."""
