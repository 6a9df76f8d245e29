"""A headless Chromium that opens a page and answers JavaScript, for tests of pages.

It has no network but loopback: whatever else a page asks for beyond its file fails, and is told.
"""

from __future__ import annotations

import asyncio
import base64
import json
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from patience import PATIENCE_S

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
OPTIONS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
    "--remote-debugging-port=0",
)


def chromium() -> str:
    """The program; skips the test where there is none."""
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    if found is None:
        pytest.skip(f"no Chromium here: none of {', '.join(NAMES)} is on the PATH")
    return found


class Page:
    """An open page; `problems` are errors of its scripts and what its policy forbade."""

    def __init__(self, loop: asyncio.AbstractEventLoop, port: int) -> None:
        self._loop = loop
        self._number = 0
        self.problems: list[str] = []
        self._session, self._socket = loop.run_until_complete(_connected(port))
        for domain in ("Page", "Runtime", "Log"):
            self.call(f"{domain}.enable")

    def close(self) -> None:
        """Ends the connection."""
        self._loop.run_until_complete(self._session.close())

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """A command of the DevTools protocol."""
        self._number += 1
        said = self._loop.run_until_complete(self._answer(self._number, method, parameters))
        assert "error" not in said, (method, said)
        result: dict[str, Any] = said["result"]
        return result

    async def _answer(self, number: int, method: str, parameters: dict[str, Any]) -> Any:
        await self._socket.send_json({"id": number, "method": method, "params": parameters})
        while True:
            said = json.loads(await self._socket.receive_str(timeout=PATIENCE_S))
            if said.get("id") == number:
                return said
            self._hear(said)

    def _hear(self, said: dict[str, Any]) -> None:
        if said.get("method") == "Runtime.exceptionThrown":
            self.problems.append(json.dumps(said["params"]["exceptionDetails"])[:600])
        entry = said.get("params", {}).get("entry", {})
        if said.get("method") == "Log.entryAdded" and entry.get("level") == "error":
            self.problems.append(entry["text"])

    def run(self, script: str) -> Any:
        """The JSON value of a JavaScript expression; promises are waited for."""
        done = self.call(
            "Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True
        )
        assert "exceptionDetails" not in done, (script, done["exceptionDetails"])
        return done["result"].get("value")

    def until(self, script: str) -> Any:
        """The expression's value once it is true."""
        end = time.monotonic() + PATIENCE_S
        while not (value := self.run(script)):
            assert time.monotonic() < end, f"never true: {script}"
            time.sleep(0.02)
        return value

    def open(self, path: Path, fragment: str = "") -> None:
        """A file, once its own script has run."""
        address = path.resolve().as_uri() + (f"#{fragment}" if fragment else "")
        self.call("Page.navigate", url=address)
        self.until("document.documentElement?.dataset.ready === 'true'")

    def visit(self, address: str) -> None:
        """A page without scripts, once all of it is there."""
        self.leave(lambda: self.call("Page.navigate", url=address))

    def leave(self, act: Callable[[], object]) -> None:
        """Does what leads to another page (a link, a form), and waits for all of that page."""
        self.run("window.left = false")
        act()
        self.until("window.left !== false && document.readyState === 'complete'")

    def click(self, selector: str) -> None:
        """What somebody's click on the first such element does."""
        self.run(f"document.querySelector({selector!r}).click()")

    def press(self, key: str) -> None:
        """A key that stands for a character, or Enter."""
        code = {"Enter": ("\r", 13)}.get(key, (key, ord(key[0].upper())))
        more = {"text": code[0], "windowsVirtualKeyCode": code[1]}
        self.call("Input.dispatchKeyEvent", type="keyDown", key=key, **more)
        self.call("Input.dispatchKeyEvent", type="keyUp", key=key)

    def picture(self, path: Path) -> None:
        """What is seen now, as PNG."""
        shot = self.call("Page.captureScreenshot", format="png")
        path.write_bytes(base64.b64decode(shot["data"]))


@contextmanager
def browser(folder: Path) -> Iterator[Page]:
    """A page of a browser of its own, whose profile is in `folder`; ended with its processes."""
    profile = folder / "profile"
    process = subprocess.Popen(
        [chromium(), *OPTIONS, f"--user-data-dir={profile}", "about:blank"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    loop = asyncio.new_event_loop()
    try:
        page = Page(loop, _port(profile / "DevToolsActivePort", process))
        try:
            yield page
        finally:
            page.close()
    finally:
        process.terminate()
        process.wait()
        loop.close()


def _port(file: Path, process: subprocess.Popen[bytes]) -> int:
    while not (file.is_file() and file.read_text().count("\n")):
        if process.poll() is not None:
            pytest.skip(f"Chromium doesn't start here (exit status {process.returncode})")
        time.sleep(0.02)
    return int(file.read_text().splitlines()[0])


async def _connected(port: int) -> tuple[aiohttp.ClientSession, aiohttp.ClientWebSocketResponse]:
    session = aiohttp.ClientSession()
    async with session.get(f"http://127.0.0.1:{port}/json/list") as answer:
        (tab,) = [t for t in await answer.json() if t["type"] == "page"]
    return session, await session.ws_connect(tab["webSocketDebuggerUrl"], max_msg_size=0)
