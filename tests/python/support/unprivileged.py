"""Runs a function as a user without special rights, even if the tests run as root."""

from __future__ import annotations

import os
import pickle
import signal
from collections.abc import Callable
from typing import Any

NOBODY = 65534


def as_nobody(function: Callable[[], Any]) -> Any:
    """Return what *function* returns in a process whose user has no special rights.

    Root can read everything. For root it runs in a child of the user `nobody`, else right here.
    """
    if os.geteuid() != 0:
        return function()
    receiving, sending = os.pipe()
    child = os.fork()
    if child == 0:
        # A child that waits forever must fail its test and not hold up all others.
        signal.alarm(60)
        try:
            os.setgroups([])
            os.setgid(NOBODY)
            os.setuid(NOBODY)
            answer: Any = (function(), None)
        except BaseException as error:
            answer = (None, f"{type(error).__name__}: {error}")
        with os.fdopen(sending, "wb") as pipe:
            pickle.dump(answer, pipe)
        os._exit(0)
    os.close(sending)
    with os.fdopen(receiving, "rb") as pipe:
        raw = pipe.read()
    _, status = os.waitpid(child, 0)
    assert status == 0, f"the child ended with status {status}"
    result, problem = pickle.loads(raw)
    assert problem is None, problem
    return result
