from __future__ import annotations

import http.client
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest
import uvicorn
from report_samples import make_result

from checker.reporting.json_report import render
from checker.serving.app import Desktop
from checker.serving.desk import Setting

SECRET = "n0body-may-see-this"


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    text: str


class Browser:
    """Asks pages as a browser does that was given their address."""

    def __init__(self, desktop: Desktop) -> None:
        self.desktop = desktop
        self.address = desktop.guard.address
        self.host = urlsplit(self.address).netloc

    def ask(self, method: str, path: str, body: str = "", **headers: str) -> Answer:
        """A request with exactly these headers."""
        connection = http.client.HTTPConnection(self.host)
        try:
            connection.request(method, path, body.encode(), headers)
            answer = connection.getresponse()
            text = answer.read().decode()
            return Answer(answer.status, {k.lower(): v for k, v in answer.getheaders()}, text)
        finally:
            connection.close()

    def get(self, path: str = "") -> Answer:
        return self.ask("GET", urlsplit(self.address).path + path)

    def post(self, path: str, **fields: str) -> Answer:
        own = {"Origin": f"http://{self.host}"}
        return self.ask("POST", urlsplit(self.address).path + path, urlencode(fields), **own)


@pytest.fixture
def out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A run's output folder, in the working directory."""
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "reports"
    folder.mkdir()
    (folder / "report.json").write_text(render(make_result()))
    return folder


@pytest.fixture
def browser(out: Path) -> Iterator[Browser]:
    setting = Setting(
        ("things.json",), ("--static",), out, str(out / "h.sqlite"), Path("known.json")
    )
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        desktop = Desktop(setting, lambda text: text.replace(SECRET, "***"), port)
        server = uvicorn.Server(uvicorn.Config(desktop.guard, lifespan="off", log_config=None))
        thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
        thread.start()
        try:
            yield Browser(desktop)
        finally:
            server.should_exit = True
            thread.join()
            desktop.close()
