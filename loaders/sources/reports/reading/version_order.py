"""The order of the versions of packages, whether manifests have ranges of them here or not."""

from __future__ import annotations

from functools import lru_cache

from loaders.sources.manifests.version_keys import version_key

# These define versions as Semantic Versioning does; Go and Composer may write a `v` in front.
_SEMANTIC = dict.fromkeys(("composer", "go", "hex", "nuget", "pub", "swift"), "npm")
_LONGEST = 256


@lru_cache(1 << 14)
def order_key(ecosystem: str | None, version: str | None) -> str | None:
    """Return a text that sorts as *version* does in its ecosystem; None if its order is unknown."""
    if not ecosystem or not version or len(version) > _LONGEST:
        return None
    return version_key(_SEMANTIC.get(ecosystem, ecosystem), version)
