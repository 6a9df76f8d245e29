"""driftcheck in a process of its own, in a folder of its own, against a shop."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

from command_line import driftcheck
from keeping_shop import TOKEN, Shop, document
from patience import PATIENCE_S

ROOT = Path(__file__).parents[2]


class Place:
    """A folder with the shop's document, in which commands run."""

    def __init__(self, folder: Path, shop: Shop) -> None:
        self.folder = folder
        self.shop = shop
        self.options = ["--base-url", shop.url, "--no-fuzz", "--concurrency", "1"]
        (folder / "shop.json").write_text(json.dumps(document()))

    def start(self, *arguments: str, script: str = "", limit: int = 0) -> subprocess.Popen[str]:
        """A command; `script` runs before it, `limit` bytes are the most that a file may have."""
        head = "import sys; from checker.cli import main\n"
        environment = {k: v for k, v in os.environ.items() if not k.startswith("DRIFTCHECK_")}

        def limited() -> None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

        return subprocess.Popen(
            [sys.executable, "-c", f"{head}{script}\nmain(sys.argv[1:])", *arguments],
            cwd=self.folder,
            env={
                **environment,
                "PYTHONPATH": str(ROOT),
                "DRIFTCHECK_TOKEN_STAFF": TOKEN,
                # Bytecode would be cut short, and others would read it.
                "PYTHONDONTWRITEBYTECODE": "1" if limit else "",
            },
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            preexec_fn=limited if limit else None,
        )

    def check(self, *more: str, script: str = "", limit: int = 0) -> subprocess.Popen[str]:
        """The main job."""
        return self.start("shop.json", *self.options, *more, script=script, limit=limit)

    def run(self, *arguments: str) -> tuple[int, str, str]:
        """A command to its end, in this process: exit status, stdout, stderr."""
        done = driftcheck(*arguments, cwd=self.folder, status=None, DRIFTCHECK_TOKEN_STAFF=TOKEN)
        return done.returncode, done.stdout, done.stderr

    def whole(self, *more: str) -> tuple[int, str, str]:
        """The main job to its end, in this process."""
        return self.run("shop.json", *self.options, *more)

    def cleanup(self, *arguments: str) -> tuple[int, str, str]:
        """`driftcheck cleanup` with the shop's address."""
        return self.run("cleanup", *arguments, "--base-url", self.shop.url)

    def report(self, out: str = "reports") -> dict[str, Any]:
        """A run's report."""
        found: dict[str, Any] = json.loads((self.folder / out / "report.json").read_text())
        return found


class Held:
    """Holds a shop's nth request of a kind until it is let go, then refuses it: nothing is made."""

    def __init__(self, shop: Shop, line: str, number: int, status: int | None = 422) -> None:
        self.arrived, self.released = threading.Event(), threading.Event()
        self._line, self._left, self._status = line, number, status
        shop.before = self._before

    def _before(self, line: str) -> int | None:
        if line.startswith(self._line):
            self._left -= 1
            if self._left == 0:
                self.arrived.set()
                assert self.released.wait(PATIENCE_S)
                return self._status
        return None

    def wait(self) -> None:
        """Until the request is there."""
        assert self.arrived.wait(PATIENCE_S)


def ended(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    """Exit status, stdout and stderr of a process that ends by itself, without a traceback."""
    out, err = process.communicate(timeout=PATIENCE_S)
    assert "Traceback" not in err, err
    return process.returncode, out, err
