"""docs/workflows.md says what the loader and `workflows lint` do."""

from __future__ import annotations

import re
from pathlib import Path

from command_line import driftcheck

from checker.documents.workflow import load_record, looks_like_record
from checker.documents.workflow_lint import FRONT_KEYS, STATUSES
from checker.documents.workflow_steps import ON_FAIL, STEP_KEYS
from checker.domain.operation import OperationId
from checker.domain.templates import BUILT_INS

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "workflows.md").read_text(encoding="utf-8")
OTHER_NAMES = {"name", "endpoint", "url", "query", "expect", "useFallbackApi"}
"""Step keys that are read, and are another one's second name or told with what is in them."""


def example() -> str:
    found = re.search(r"^````markdown\n(.*?)^````$", PAGE, re.M | re.S)
    assert found is not None
    return found[1]


def part(heading: str) -> str:
    """The text below a heading."""
    return re.split(r"^## ", PAGE.split(f"\n## {heading}\n")[1], flags=re.M)[0]


def told(text: str) -> set[str]:
    """What stands in a text as code."""
    return set(re.findall(r"`([^`\n]+)`", text))


def test_the_example_is_read_as_it_is_meant(tmp_path: Path) -> None:
    path = tmp_path / "book.md"
    path.write_text(example(), encoding="utf-8")
    assert looks_like_record(example())
    record, problems = load_record(path, "book.md")
    assert problems == ()
    assert record.endpoint == OperationId("POST", "/platform/v1/appointments")
    assert [step.id for step in record.prerequisites] == [
        "make_service",
        "make_client",
        "wait_for_client",
    ]
    assert record.prerequisites[1].expect_status == (200, 201)
    waits = record.prerequisites[2].until
    assert waits is not None and (waits.timeout_s, waits.every_s) == (5.0, 0.1)
    assert [step.operation for step in record.test_steps] == [record.endpoint]


def test_the_example_has_no_flaw_and_works(tmp_path: Path) -> None:
    (tmp_path / "book.md").write_text(example(), encoding="utf-8")
    document = ROOT / "swagger" / "communication" / "platform_v1.json"
    driftcheck("workflows", "lint", "book.md", "--swagger", str(document), cwd=tmp_path)
    done = driftcheck("workflows", "run", "book.md", "--sandbox", cwd=tmp_path)
    assert done.stdout.startswith("ok")


def test_every_key_status_and_variable_is_on_the_page() -> None:
    assert set(FRONT_KEYS) <= told(part("Front matter")) | {"endpoint"}
    assert set(STATUSES) <= told(part("Front matter"))
    assert told(part("Steps")) >= STEP_KEYS - OTHER_NAMES
    assert set(ON_FAIL) <= told(part("Steps"))
    assert told(part("Variables")) >= BUILT_INS
