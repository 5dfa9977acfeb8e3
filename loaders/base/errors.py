"""The errors of the landing zone. This module imports nothing, because most commands do not use the
zone and should start quickly.
"""

from __future__ import annotations


class LandingError(Exception):
    """The landing zone cannot be used; the message says what, where, and what to do."""


class NotOurs(LandingError):
    """A file or folder that we did not make is in the way; the message says which, and what to
    do.
    """
