from __future__ import annotations

from typing import Any

import pytest
from response_cases import answer, operation, run

from checker.domain.schema import MISSING
from checker.drift.registry import FixSafety, fix_safety
from checker.drift.rules.content_type_mismatch import ContentTypeMismatch

OBJECT = {"type": "object"}


def content(*media: str) -> dict[str, Any]:
    return {"200": {"content": dict.fromkeys(media, OBJECT)}}


SPEAKS = {
    "text for JSON": (content("application/json"), "text/plain"),
    "another JSON": (content("application/json"), "application/problem+json"),
    "another of the kind": (content("text/csv"), "text/html; charset=utf-8"),
}
SILENT = {
    "the same": (content("application/json"), "application/json"),
    "a charset": (content("application/json"), "application/json; charset=utf-8"),
    "a documented charset": (content("application/json; charset=utf-8"), "application/json"),
    "a case": (content("application/json"), "Application/JSON"),
    "any": (content("*/*"), "text/plain"),
    "a range": (content("text/*"), "text/csv"),
    "no content documented": ({"200": {}}, "text/plain"),
    "no media type sent": (content("application/json"), None),
}


@pytest.mark.parametrize("name", SPEAKS)
def test_speaks(name: str) -> None:
    responses, media = SPEAKS[name]
    found = run(ContentTypeMismatch(), operation(responses), [answer(200, {}, media)] * 2)
    assert [f.observed for f in found] == [media.split(";")[0]]
    assert found[0].patch[0]["op"] == "add"


@pytest.mark.parametrize(
    ("documented", "media", "times", "op"),
    [
        ("application/json", "application/problem+json", 5, "move"),
        ("application/json", "application/problem+json", 4, "add"),
        ("application/json", "text/csv", 5, "add"),
        ("text/csv", "application/json", 5, "add"),
        ("text/html", "text/csv", 5, "move"),
        ("text/html", "text/csv", 4, "add"),
    ],
)
def test_what_never_came_though_asked_for_gives_its_place(
    documented: str, media: str, times: int, op: str
) -> None:
    body = MISSING if media == "text/csv" else {}
    answers = [answer(200, body, media, text="a;b" if body is MISSING else None)] * times
    schema = {"type": "string"} if documented.startswith("text/") else OBJECT
    responses = {"200": {"content": {documented: schema}}}
    (found,) = run(ContentTypeMismatch(), operation(responses), answers)
    assert found.patch[0]["op"] == op
    assert fix_safety(found) is (FixSafety.SAFE if op == "add" else FixSafety.REVIEW)
    if media == "text/csv" and op == "add":
        assert found.patch[0]["value"] == {"schema": {"type": "string"}}


@pytest.mark.parametrize("name", SILENT)
def test_silent(name: str) -> None:
    responses, media = SILENT[name]
    documented = operation(responses)
    assert run(ContentTypeMismatch(), documented, [answer(200, {}, media)] * 2) == []


def test_empty_bodies_have_no_media_type() -> None:
    documented = operation(content("application/json"))
    answers = [answer(200, MISSING, "text/html")] * 2
    assert run(ContentTypeMismatch(), documented, answers) == []
    assert run(ContentTypeMismatch(), documented, [answer(200, {}, "text/html")]) == []


def test_what_a_stranger_is_shown_says_nothing_where_others_are_known() -> None:
    documented = operation(content("application/json"))
    pages = [answer(200, MISSING, "text/html", text="Log in", token=t) for t in (None, "invalid")]
    assert run(ContentTypeMismatch(), documented, [answer(200, {}, token="key"), *pages]) == []
    assert len(run(ContentTypeMismatch(), documented, pages)) == 1
    own = [answer(200, {}, "text/html", token="key")] * 2
    assert len(run(ContentTypeMismatch(), documented, [*own, *pages])) == 1


def test_produces_is_told_once_for_all_statuses() -> None:
    responses = {s: {"content": {"application/json": OBJECT}} for s in ("200", "400", "404")}
    documented = operation(responses, dialect="2.0")
    answers = [answer(s, MISSING, "text/plain", text="No") for s in (400, 400, 404, 404)]
    raw = {"produces": ["application/json"], "paths": {"/things": {"get": {}}}}
    found = run(ContentTypeMismatch(), documented, answers, raw)
    assert len(found) == 1
    assert found[0].issue.startswith(
        "The responses `400` and `404` are documented as `application/json` but come as"
    )
    assert found[0].patch[0]["value"] == ["application/json", "text/plain"]
