"""Records written again: what was learned goes in, the rest stays byte for byte."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from workflow_samples import RECORD

from checker.documents.workflow import parse_record
from checker.domain.operation import OperationId
from checker.domain.workflow import Record, Step, UidResolution, Until, WaitFor
from checker.reporting.workflow import render_record

UIDS = (
    UidResolution("depot", "POST /depots", "d|1"),
    UidResolution("clerk", "GET /clerks", "c1", True, "POST /clerks"),
)
FIXES = ({"Field": "a|b", "Issue": "is\nwrong", "Suggested Fix": "mend", "Severity": "major"},)
LEARNED: dict[str, Any] = {
    "status": "verified",
    "verified_at": "2026-02-03T04:05:06.000Z",
    "verified_request": {"method": "POST", "path": "/parcels/d1/labels", "body": {"t": "é"}},
    "uid_resolutions": UIDS,
    "fix_suggestions": FIXES,
    "times_reused": 1,
}


def parsed(text: str) -> Record:
    return parse_record(text, "r.md")[0]


def test_nothing_given_changes_nothing() -> None:
    assert render_record(parsed(RECORD)) == RECORD


@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_a_record_that_learned(line_end: str) -> None:
    before = RECORD.replace("\n", line_end)
    text = render_record(parsed(before), **LEARNED)
    assert text.count(line_end) == text.count("\n")
    lines = text.split(line_end)
    assert lines[:13] == [
        "---",
        'endpoint: "POST /parcels/{depot}/labels"',
        "domain: parcels",
        "tags: [labels]",
        "swagger: parcels.yaml",
        "status: verified",
        'savedAt: "2026-01-01T00:00:00Z"',
        "verifiedAt: 2026-02-03T04:05:06.000Z",
        "timesReused: 1",
        "tokens: [clerk]",
        "---",
        "",
        "# Print Label",
    ]
    record, problems = parse_record(text, "r.md")
    assert problems == ()
    assert record.uid_resolutions == UIDS
    assert record.verified_request == LEARNED["verified_request"]
    assert record.fix_suggestions == ({**FIXES[0], "Issue": "is wrong"},)
    assert "| depot | POST /depots | - | No |" in lines
    assert "| clerk | GET /clerks | POST /clerks | Yes |" in lines
    heads = [h for h, _ in record.sections if h.startswith("## ")]
    assert [h.strip() for h in heads] == [
        "## Summary",
        "## Prerequisites",
        "## UID Resolution",
        "## Test Request",
        "## Notes",
        "## Verified Successful Request",
        "## Documentation Fix Suggestions",
    ]
    kept = dict(parsed(before).sections)
    for heading, body in record.sections[1:5]:
        assert kept.get(heading, body) == body


def test_writing_twice_is_writing_once() -> None:
    once = render_record(parsed(RECORD), **LEARNED)
    assert render_record(parsed(once), **LEARNED) == once


def test_existing_sections_are_replaced_in_place() -> None:
    text = (
        "---\nendpoint: GET /x\nstatus: 'failed'\nskipReason: |\n  two\n  lines\ndomain: d\n---\n"
        "## Documentation Fix Suggestions\n\n"
        "| Field | Issue |\n|---|---|\n\n### Own words\nkept\n\n## Zebra\nlast"
    )
    out = render_record(parsed(text), status="pass", fix_suggestions=())
    assert out == (
        "---\nendpoint: GET /x\nstatus: 'pass'\ndomain: d\n---\n"
        "## Documentation Fix Suggestions\n\nNo documentation fixes are suggested.\n\n"
        "### Own words\nkept\n\n## Zebra\nlast"
    )


def test_a_record_without_front_matter_gets_one() -> None:
    out = render_record(parsed("# T\n"), status="failed", verified_at="2026-01-01 at noon")
    assert out == '---\nstatus: failed\nverifiedAt: "2026-01-01 at noon"\n---\n# T\n'


def test_a_new_record_from_its_data() -> None:
    step = Step(
        id="s",
        method="POST",
        path="/a/{{b}}",
        params={"q": [1]},
        body={"x": None, "y": "{{uuid}}"},
        headers={"X-A": "1"},
        extract={"z": "$.z"},
        expect_status=(200, 201),
        on_fail="continue",
        sleep_ms=1500,
        use_fallback=True,
        token="staff",
        wait_for=WaitFor("e {{z}}", 2.5),
        until=Until("$.s", True, 3.0, 0.5),
    )
    new = Record(
        "new.md",
        OperationId("POST", "/a/{b}"),
        {"domain": "d", "tags": ["x: y"], "status": "pending"},
        prerequisites=(Step("first", "GET", "/b", anonymous=True),),
        test_steps=(step,),
    )
    record, problems = parse_record(render_record(new, **LEARNED), "new.md")
    assert problems == ()
    assert record.endpoint == new.endpoint and record.status == "verified"
    assert record.front_matter["tags"] == ["x: y"]
    (main,) = record.test_steps
    for name in Step.__dataclass_fields__:
        if name not in ("location", "operation"):
            assert getattr(main, name) == getattr(step, name), name
    assert record.prerequisites[0].anonymous
    assert record.uid_resolutions == UIDS


WORDS = st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=12)
JSONS = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-(10**9), 10**9), WORDS),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3),
    max_leaves=8,
)
RESOLUTIONS = st.lists(
    st.builds(UidResolution, WORDS, WORDS, WORDS, st.booleans(), st.one_of(st.just(""), WORDS)),
    max_size=3,
    unique_by=lambda r: r.field,
)


@given(st.dictionaries(WORDS, JSONS, max_size=3), RESOLUTIONS)
def test_what_is_written_is_read_again(body: dict, resolutions: list[UidResolution]) -> None:
    request = {"method": "POST", "path": "/x", "body": body}
    text = render_record(
        parsed(RECORD), verified_request=request, uid_resolutions=resolutions, fix_suggestions=()
    )
    record = parsed(text)
    assert record.verified_request == request
    assert record.uid_resolutions == tuple(resolutions)
    assert record.test_steps[0].body == parsed(RECORD).test_steps[0].body
    for heading in ("## Summary", "## Prerequisites", "## Test Request"):
        assert dict(record.sections)[heading] == dict(parsed(RECORD).sections)[heading]


@given(st.text(max_size=60), st.booleans())
def test_any_text_can_be_written(text: str, crlf: bool) -> None:
    source = f"---\nendpoint: GET /x\n---\n{text}"
    source = source.replace("\n", "\r\n") if crlf else source
    out = render_record(parsed(source), **LEARNED)
    assert render_record(parsed(out)) == out


SEED = """---
endpoint: POST /x
status: pass
---
# X

## UID Resolution

Two come from elsewhere.

| UID Field | Source Endpoint | Fallback (Create) | Used Fallback | Owner |
|-----------|-----------------|-------------------|---------------|---|
| `depot`   | GET /old | PUT /depots/{uid} | Yes | me |
| contact | pre-resolved | - | No | you |

```json
{
  "depot": {"source_endpoint": "GET /old", "resolved_value": "o", "since": 2020},
  "contact": {"source_endpoint": "pre-resolved", "resolved_value": "c"}
}
```

Ask before you delete one.

## Verified Successful Request

As of May:

```json
{"method": "POST"}
```

Mind the gap.

## Documentation Fix Suggestions

| Field | Issue | Suggested Fix | Severity |
|---|---|---|---|
| mine | I saw it | do it | major |
| a\\|b | is wrong | old words | minor |
"""


def test_rows_and_sentences_of_people_stay_in_sections_that_are_refreshed() -> None:
    text = render_record(parsed(SEED), **LEARNED)
    for line in (
        "Two come from elsewhere.",
        "| `depot` | POST /depots | PUT /depots/{uid} | No | me |",
        "| contact | pre-resolved | - | No | you |",
        "| clerk | GET /clerks | POST /clerks | Yes |  |",
        "Ask before you delete one.",
        "As of May:",
        "Mind the gap.",
        "| mine | I saw it | do it | major |",
        "| a\\|b | is wrong | mend | major |",
    ):
        assert line in text.split("\n"), line
    assert "old words" not in text
    record = parsed(text)
    assert record.verified_request == LEARNED["verified_request"]
    resolved = {r.field: r for r in record.uid_resolutions}
    assert resolved["contact"].resolved_value == "c"
    assert resolved["depot"] == UidResolution("depot", "POST /depots", "d|1")
    assert '"since": 2020' in text
    assert render_record(record, **LEARNED) == text


def fields(text: str) -> list[str]:
    return [r["Field"] for r in parsed(text).fix_suggestions]


def test_rows_of_an_earlier_run_go_where_nobody_has_changed_them() -> None:
    rows = [{**FIXES[0], "Field": name, "Issue": name} for name in ("one", "two", "three")]
    text = render_record(parsed(SEED), fix_suggestions=rows)
    assert fields(text) == ["mine", "a|b", "one", "two", "three"]
    edited = text.replace("| two | two | mend |", "| two | two | mend it soon |")
    again = render_record(parsed(edited), fix_suggestions=rows[2:])
    assert fields(again) == ["mine", "a|b", "two", "three"]
    last = render_record(parsed(again), fix_suggestions=())
    assert fields(last) == ["mine", "a|b", "two"]
    assert "driftcheck wrote" not in last


def test_steps_that_had_to_be_found_anew_take_the_place_of_the_old_ones() -> None:
    new = Step("found", "POST", "/found", expect_status=(201,))
    text = render_record(
        parsed(RECORD), prerequisites=(), test_steps=(new,), tokens=["clerk", "admin"], **LEARNED
    )
    record = parsed(text)
    assert [s.id for s in record.test_steps] == ["found"] and record.prerequisites == ()
    assert record.tokens == ("clerk", "admin")
    before = dict(parsed(RECORD).sections)
    for heading in ("## Summary", "## Notes"):
        assert dict(record.sections)[heading].strip() == before[heading].strip()


PLAIN = st.text(st.characters(codec="ascii", categories=("L", "N", "Zs")), min_size=1, max_size=9)
LINES = st.lists(PLAIN.map(str.strip).filter(bool), min_size=1, max_size=3)


@given(
    added=st.dictionaries(st.sampled_from(["uids", "verified", "fixes"]), LINES, max_size=3),
    rows=st.lists(st.tuples(PLAIN, PLAIN), max_size=3),
    crlf=st.booleans(),
)
def test_what_anybody_adds_survives_a_refresh(
    added: dict[str, list[str]], rows: list[tuple[str, str]], crlf: bool
) -> None:
    text = SEED
    heads = {"uids": "UID Resolution", "verified": "Verified Successful Request"}
    for kind, lines in added.items():
        head = f"## {heads.get(kind, 'Documentation Fix Suggestions')}\n"
        said = "".join(f"Said {line}.\n" for line in lines)
        text = text.replace(head, f"{head}\n{said}")
    extra = "".join(
        f"| own{n} {a.strip()} | {b.strip()} | x | minor |\n" for n, (a, b) in enumerate(rows)
    )
    text = text.replace("| mine |", f"{extra}| mine |")
    text += "\n## Of my own\n\n| a | b |\n|---|---|\n| 1 | 2 |\n"
    text = text.replace("\n", "\r\n") if crlf else text
    out = render_record(parsed(text), **LEARNED)
    kept = out.split("\n")
    for line in text.split("\n"):
        people = line.startswith(("Said", "| own", "| mine", "| 1", "## Of", "| contact"))
        assert not people or line in kept
    assert out.count("\r\n") == (out.count("\n") if crlf else 0)
    assert render_record(parsed(out), **LEARNED) == out
