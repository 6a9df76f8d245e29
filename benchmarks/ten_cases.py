"""Ten drifts of public issue trackers: driftcheck against `st run`, requests and drifts named.

    python benchmarks/ten_cases.py

Each tool runs once, with its defaults, against a fresh server that counts the requests. Both get
the same current document and an admin token; driftcheck also gets what it can use and Schemathesis
can't: the second token type and the legacy document. Three columns tell what came out of it:

- driftcheck: a confirmed finding with the right rule, operation and field;
- st flags: a failure that concerns the operation (missing Allow headers and the like left out);
- st names: one whose explanation, outside the request it repeats, names the field, value or status.

Nothing is written but temporary files.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import urllib.request
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
TESTS = ROOT / "tests"
sys.path[:0] = [str(TESTS / part) for part in ("helpers", "live", "servers")]

from compare import covers, operations  # noqa: E402
from document_files import load  # noqa: E402
from running import running  # noqa: E402

SERVER = TESTS / "servers" / "ten_cases"
TIMEOUT_S = 900
OTHER = ("ST204",)
"""Failures that say nothing about a documented operation (the answer to TRACE)."""

Entry = dict[str, Any]


def counted(url: str) -> int:
    """The requests that the server has seen."""
    with urllib.request.urlopen(f"{url}/__requests") as answer:
        return int(json.load(answer)["requests"])


def execute(command: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    """Runs a tool in a folder of its own, with the checkout's package."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        command, capture_output=True, text=True, timeout=TIMEOUT_S, cwd=folder, env=environment
    )


def driftcheck(run: Entry, out: Path) -> tuple[int, list[Entry]]:
    """(requests, confirmed findings)."""
    with running("ten_cases") as url:
        command = [sys.executable, "-m", "checker.cli", "check", str(SERVER / "drifted")]
        command += ["--base-url", url, "--out", str(out)]
        for kind, value in run["tokens"].items():
            command += ["--token", f"{kind}={value}"]
        done = execute(command, out)
        if not (out / "report.json").exists():
            sys.exit(f"driftcheck wrote no report: {done.stderr.strip()}")
        requests = counted(url)
    findings = load(out / "report.json")["findings"]
    return requests, [f for f in findings if f["confidence"] == "confirmed"]


def schemathesis(run: Entry, out: Path) -> tuple[int, list[tuple[str, str, str]]]:
    """(requests, [(operation, failure code, explanation)])."""
    report = out / "junit.xml"
    with running("ten_cases") as url:
        command = [sys.executable, "-m", "schemathesis.cli", "run"]
        command += [str(SERVER / "drifted" / run["document"]), "--url", url, "--seed", "0"]
        command += ["-H", f"Authorization: Bearer {run['tokens']['admin']}", "--checks", "all"]
        command += ["--report", "junit", "--report-junit-path", str(report)]
        done = execute(command, out)
        if not report.exists():
            sys.exit(f"st wrote no report: {(done.stderr or done.stdout).strip()}")
        requests = counted(url)
    failures = [
        (case.get("name", ""), failure.get("message", ""), (failure.text or ""))
        for case in ET.parse(report).iter("testcase")
        for failure in case.iter("failure")
    ]
    return requests, [failure for failure in failures if failure[1] not in OTHER]


def explanation(text: str) -> str:
    """A failure's own words, without the answer and the request that it repeats."""
    return text.split("\nReproduce with:")[0].split("\n[")[0]


def clues(entry: Entry) -> list[str]:
    """What an explanation has to mention to name the drift."""
    place = entry["field"]
    found = [place["name"].rpartition(".")[2], str(place.get("status", ""))]
    if isinstance(entry["observed"], list):
        found += [str(value) for value in entry["observed"]]
    return [clue for clue in found if clue and clue != "*"]


def main() -> None:
    run = load(SERVER / "planted.yaml")["run"]
    truth = load(SERVER / "truth.json")
    with tempfile.TemporaryDirectory() as first, tempfile.TemporaryDirectory() as second:
        ours, findings = driftcheck(run, Path(first))
        theirs, failures = schemathesis(run, Path(second))
    totals = [0, 0, 0]
    print(f"{'drift':28}{'operation':34}driftcheck  st flags  st names")
    for entry in truth:
        named = any(
            covers(entry, finding, operation, ("own", "alternatives"))
            for finding in findings
            for operation in operations(finding)
        )
        flags = [text for operation, _, text in failures if operation in operations(entry)]
        st_names = any(clue in explanation(text) for text in flags for clue in clues(entry))
        marks = (named, bool(flags), st_names)
        totals = [total + mark for total, mark in zip(totals, marks, strict=True)]
        shown = ("yes" if mark else "-" for mark in marks)
        print(f"{entry['rule']:28}{entry['operation']:34}{'{:12}{:10}{}'.format(*shown)}")
    print(f"named: driftcheck {totals[0]}/{len(truth)}, st {totals[2]}/{len(truth)}", end="")
    print(f" (operations flagged by st: {totals[1]}/{len(truth)})")
    print(f"requests: driftcheck {ours}, st {theirs}, ratio {ours / theirs:.2f}")


if __name__ == "__main__":
    main()
