# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""A client that calls an application directly, on an event loop in a thread of its own."""

from __future__ import annotations

import asyncio
import json
import threading


class Response:
    def __init__(self, status, headers, body):
        self.status_code = status
        self.headers = {name.decode().title(): value.decode() for name, value in headers}
        self.text = body.decode()

    def json(self):
        return json.loads(self.text)


class Client:
    """Threads may share it. It starts the application, and `close` ends it."""

    def __init__(self, app):
        self.app = app
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever)
        self._thread.start()
        self._lifespan = app.router.lifespan_context(app)
        self.run(self._lifespan.__aenter__())

    def run(self, coroutine):
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop).result(120)

    def close(self):
        self.run(self._lifespan.__aexit__(None, None, None))
        self.run(self._loop.shutdown_default_executor())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def get(self, path, headers=None):
        return self.run(self._call("GET", path, [b""], headers or {}))

    def post(self, path, *, json=None, content=None, headers=None):
        """Send JSON, bytes, text, or several parts without saying how long they are together."""
        if content is None:
            content = _dumps(json)
        content = content.encode() if isinstance(content, str) else content
        if isinstance(content, bytes):
            headers = {"Content-Length": str(len(content)), **(headers or {})}
            content = [content]
        return self.run(self._call("POST", path, content, headers or {}))

    async def _call(self, method, path, parts, headers):
        parts = list(parts)
        messages = [
            {"type": "http.request", "body": part, "more_body": number < len(parts)}
            for number, part in enumerate(parts, 1)
        ]
        sent = []

        async def receive():
            if messages:
                return messages.pop(0)
            await asyncio.Event().wait()

        async def send(message):
            sent.append(message)

        scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": method,
            "scheme": "http",
            "path": path,
            "raw_path": path.encode(),
            "query_string": b"",
            "root_path": "",
            "headers": [(name.lower().encode(), value.encode()) for name, value in headers.items()],
            "client": ("127.0.0.1", 1),
            "server": ("127.0.0.1", 80),
        }
        await self.app(scope, receive, send)
        body = b"".join(message.get("body", b"") for message in sent[1:])
        return Response(sent[0]["status"], sent[0]["headers"], body)


def _dumps(content):
    return json.dumps(content)
