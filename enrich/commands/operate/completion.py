"""`enrich completion`."""

from __future__ import annotations

from loaders.base.program_options import completion_of

completion = completion_of("enrich")
