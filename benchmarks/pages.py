"""Pages of a report with many findings: how long they take to make, and to open.

    python benchmarks/pages.py [NUMBER]

The findings are those of `reports/example/`, each as often as it takes to have NUMBER of them
(5,000) with names of their own. Prints for each format the processor time and the size, and, where
there is a Chromium, the time of a headless one that opens the page and takes a picture of it,
beside one that opens an empty page: what the page itself takes is the difference.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from checker.domain.run import RunResult
from checker.reporting.evidence_pages import pages
from checker.reporting.formats import file_name, render
from checker.reporting.json_report import load

EXAMPLE = Path(__file__).parents[1] / "reports" / "example" / "report.json"
CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
OPTIONS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-sync",
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
)


def enlarged(number: int) -> RunResult:
    """The example's run with so many findings."""
    result = load(EXAMPLE.read_text(encoding="utf-8"), str(EXAMPLE))
    found = result.findings
    copies = (found[n % len(found)].with_(fingerprint=f"{n:016x}") for n in range(number))
    return result.with_(findings=tuple(copies))


def opened(address: str) -> float:
    """Seconds until a browser of its own has loaded a page and taken its picture."""
    with tempfile.TemporaryDirectory() as profile:
        start = time.perf_counter()
        subprocess.run(
            [
                CHROMIUM or "",
                *OPTIONS,
                f"--user-data-dir={profile}/profile",
                f"--screenshot={profile}/page.png",
                address,
            ],
            capture_output=True,
            check=True,
        )
        return time.perf_counter() - start


def main() -> None:
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 5_000
    result = enlarged(number)
    print(f"{number} findings\nformat     s of processor      kB")
    with tempfile.TemporaryDirectory() as folder:
        for name in ("md", "html", "json", "sarif", "junit", "comment"):
            start = time.process_time()
            text = render(name, result)
            print(f"{name:10} {time.process_time() - start:14.2f} {len(text.encode()) / 1000:7.0f}")
            Path(folder, file_name(name)).write_text(text, encoding="utf-8")
        start = time.process_time()
        size = sum(len(text.encode()) for _, text in pages(result)) / 1000
        print(f"{'evidence':10} {time.process_time() - start:14.2f} {size:7.0f}")
        if CHROMIUM:
            page = Path(folder, file_name("html")).as_uri()
            empty, full = (min(opened(a) for _ in range(3)) for a in ("about:blank", page))
            print(f"opened in {full:.2f} s, an empty page in {empty:.2f} s: {full - empty:.2f} s")


if __name__ == "__main__":
    main()
