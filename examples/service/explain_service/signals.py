# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""An orderly end: a signal makes the service leave first, and only then reaches the server's own handler."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import threading
from collections.abc import Callable, Iterator
from typing import Any

from .service import Service

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


@contextlib.contextmanager
def leave_first(service: Service, loop: asyncio.AbstractEventLoop) -> Iterator[None]:
    """Put `Service.leave` before the handlers of the signals that end the server. A second signal does not wait."""
    if threading.current_thread() is not threading.main_thread():  # only the main thread may, and tests run elsewhere
        yield
        return
    leaving: list[asyncio.Task[None]] = []

    def before(ends: Callable[[int, Any], None]) -> Callable[[int, Any], None]:
        async def leave(number: int) -> None:
            await service.leave()
            ends(number, None)

        def handle(number: int, frame: Any) -> None:
            if leaving:
                ends(number, frame)
            else:
                loop.call_soon_threadsafe(lambda: leaving.append(loop.create_task(leave(number))))

        return handle

    servers = {number: signal.getsignal(number) for number in _SIGNALS}
    for number, ends in servers.items():
        if callable(ends):
            signal.signal(number, before(ends))
    try:
        yield
    finally:
        for number, ends in servers.items():
            signal.signal(number, ends)
