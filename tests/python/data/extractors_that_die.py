"""A worker that dies over one file, as a parser that crashes would."""

import os

from loaders.base.workers import serve
from loaders.sources.contents.read import extract_batch

serve(
    lambda batch: (
        os._exit(9)
        if any(request.path.endswith(b"f3.py") for request in batch.requests)
        else extract_batch(batch)
    )
)
