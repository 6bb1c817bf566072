# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""A headless Chromium, told what to do through its DevTools protocol; a local server for the pages that it opens."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import functools
import http.server
import json
import shutil
import subprocess
import threading

PROGRAM = next((name for name in ("chromium", "google-chrome") if shutil.which(name)), None)
SECONDS = 60  # the longest that one answer may take


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Serves files and does not report it."""

    def log_message(self, *arguments):
        """Print nothing."""


@contextlib.contextmanager
def served(folder):
    """The address of a server of that folder."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class Browser:
    """One tab: `open` an address, `evaluate` a script there, take a `picture`."""

    def __init__(self, profile):
        from tornado.websocket import websocket_connect

        self.loop = asyncio.new_event_loop()
        self.process = subprocess.Popen(
            [
                PROGRAM,
                "--headless=new",
                "--no-sandbox",
                "--disable-gpu",
                "--disable-dev-shm-usage",
                "--hide-scrollbars",
                "--no-first-run",
                "--remote-debugging-port=0",
                f"--user-data-dir={profile}",
                "about:blank",
            ],
            stderr=subprocess.PIPE,
            text=True,
        )
        for line in self.process.stderr:
            if "DevTools listening on " in line:
                address = line.split("DevTools listening on ")[1].strip()
                break
        else:
            raise RuntimeError(f"{PROGRAM} did not start")
        threading.Thread(target=self.process.stderr.read, daemon=True).start()
        self.events, self.count, self.session = [], 0, None
        self.socket = self.wait(websocket_connect, address, max_message_size=2**28)
        target = self.ask("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Network", "Log"):
            self.ask(f"{domain}.enable")

    def wait(self, function, *arguments, **named):
        """The result of a function of tornado, which must be called in a running loop."""

        async def call():
            return await asyncio.wait_for(function(*arguments, **named), SECONDS)

        return self.loop.run_until_complete(call())

    def next_message(self):
        """The next message; events are kept."""
        text = self.wait(self.socket.read_message)
        if text is None:
            raise RuntimeError(f"{PROGRAM} closed the connection")
        message = json.loads(text)
        if "method" in message:
            self.events.append(message)
        return message

    def ask(self, method, **parameters):
        """Ask for something and wait for the answer."""
        self.count += 1
        request = {"id": self.count, "method": method, "params": parameters}
        if self.session:
            request["sessionId"] = self.session
        self.wait(self.socket.write_message, json.dumps(request))
        while True:
            message = self.next_message()
            if message.get("id") == self.count:
                if "error" in message:
                    raise RuntimeError(f"{method}: {message['error']['message']}")
                return message["result"]

    def look(self, width, height=900, *, dark=False, scripts=True):
        """Set the window's size, the colour scheme, and whether pages may run scripts."""
        self.ask(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 600
        )
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.ask("Emulation.setEmulatedMedia", features=[scheme])
        self.ask("Emulation.setScriptExecutionDisabled", value=not scripts)

    def open(self, address):
        """Open an address and wait until it is loaded."""
        self.events.clear()
        self.ask("Page.navigate", url=address)
        while not any(event["method"] == "Page.loadEventFired" for event in self.events):
            self.next_message()

    def evaluate(self, expression):
        """The value of a JavaScript expression; a promise is awaited."""
        answer = self.ask("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(answer["exceptionDetails"]["exception"].get("description", expression))
        return answer["result"].get("value")

    def faults(self):
        """What went wrong since `open`: exceptions, errors in the console, files that did not come."""
        self.evaluate("0")  # what has happened has arrived before this answer
        found = []
        for event in self.events:
            given = event["params"]
            if event["method"] == "Runtime.exceptionThrown":
                found.append(given["exceptionDetails"].get("text", "exception"))
            elif event["method"] == "Log.entryAdded" and given["entry"]["level"] == "error":
                found.append(f"{given['entry']['text']} {given['entry'].get('url', '')}")
            elif event["method"] == "Network.loadingFailed" and not given.get("canceled"):
                found.append(given["errorText"])
        return found

    def picture(self, path, most=12000):
        """Save the whole page as a picture, cut below so many pixels."""
        size = self.ask("Page.getLayoutMetrics")["cssContentSize"]
        clip = {"x": 0, "y": 0, "width": size["width"], "height": min(size["height"], most), "scale": 1}
        data = self.ask("Page.captureScreenshot", format="png", clip=clip, captureBeyondViewport=True)["data"]
        path.write_bytes(base64.b64decode(data))

    def close(self):
        """End the browser."""

        async def leave():
            self.socket.close()
            await self.socket.read_message()

        self.loop.run_until_complete(leave())
        self.process.terminate()
        self.process.wait(SECONDS)
        self.process.stderr.close()
        self.loop.close()
