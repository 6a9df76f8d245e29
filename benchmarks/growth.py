"""Time and memory where everything is ten times as much: operations, fields, records, findings.

    python benchmarks/growth.py [operations] [fields] [records] [findings]

Whole runs against a local server for the first two; for records the check of the documents and
records alone (`--static`); for findings the rendering of a report. Processor time of the measured
process, and its peak memory. Linear is a factor of ten less what is the same for both.
"""

from __future__ import annotations

import sys
from collections.abc import Callable

from things import ROOT, Api, Measured, Timed, run, static, timed

RECORD = """---
endpoint: GET /things{number}/{{id}}
domain: things
status: verified
---

# Read a thing

## Prerequisites
```yaml
steps:
- id: make
  description: Create one
  method: POST
  path: /things{number}
  body:
    field_0: N {{{{now_timestamp}}}}
  expect:
    status: 201
  onFail: abort
  extract:
    thing: $.id
```

## Test Request
```yaml
steps:
- id: main
  description: Read it
  method: GET
  path: /things{number}/{{{{thing}}}}
  expect:
    status: 200
  onFail: abort
```
"""
RENDERED = (
    "import sys; sys.path.insert(0, 'benchmarks'); from pages import enlarged;"
    "from checker.reporting.formats import render; result = enlarged({number});"
    "[render(name, result) for name in {formats}]"
)


def operations(factor: int) -> Measured:
    """Operations, each with few fields, asked only what reading and making them shows."""
    return run(Api(3 * factor, 3), "--no-fuzz", "--max-requests=100000")


def fields(factor: int) -> Measured:
    """Fields of one body, two of them really required."""
    return run(Api(1, 12 * factor, (1, 5)), "--no-fuzz", "--max-requests=100000")


def records(factor: int) -> Timed:
    """Workflow records, each of its own operation."""
    texts = {f"read_{n}.md": RECORD.format(number=n) for n in range(20 * factor)}
    return static(Api(20 * factor, 3), records=texts)


def findings(factor: int) -> Timed:
    """Findings with their evidence, rendered in three formats."""
    formats = ("md", "html", "json")
    code = RENDERED.format(number=500 * factor, formats=formats)
    return timed([sys.executable, "-c", code], ROOT)


WAYS: dict[str, Callable[[int], Measured | Timed]] = {
    "operations": operations,
    "fields": fields,
    "records": records,
    "findings": findings,
}


def main() -> None:
    wanted = sys.argv[1:] or list(WAYS)
    print("| ten times the | processor time | factor | peak memory | factor | requests |")
    print("|---|---|---|---|---|---|")
    for name in wanted:
        WAYS[name](1)  # modules are compiled, files are in memory
        few, many = WAYS[name](1), WAYS[name](10)
        sent = [str(m.requests) for m in (few, many) if isinstance(m, Measured)]
        print(
            f"| {name} | {few.cpu_s:.1f} → {many.cpu_s:.1f} s | {many.cpu_s / few.cpu_s:.1f} "
            f"| {few.peak_mb:.0f} → {many.peak_mb:.0f} MB | {many.peak_mb / few.peak_mb:.1f} "
            f"| {' → '.join(sent)} |"
        )


if __name__ == "__main__":
    main()
