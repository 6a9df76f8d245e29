"""Steps and records run against a real API over HTTP."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Awaitable, Callable
from typing import Any
from urllib.parse import parse_qsl

import pytest
from patience import PATIENCE_S
from workflow_samples import RECORD, Bench, bench

from checker.documents.workflow import parse_record
from checker.domain.operation import OperationId
from checker.domain.workflow import Record, Step, Until, WaitFor
from checker.errors import WorkflowError
from checker.probing.records import index, run_record

OPEN = Step("open", "POST", "/depots", extract={"depot": "$.data.uid"})
PRINT = Step("print", "POST", "/parcels/{{depot}}/labels", body={"a": 1})


def live(check: Callable[[Bench], Awaitable[None]], *, hooks: bool = False, **given: Any) -> None:
    async def run() -> None:
        async with bench(hooks=hooks, **given) as ready:
            await check(ready)

    asyncio.run(run())


def test_a_request_has_everything_the_step_says() -> None:
    async def check(b: Bench) -> None:
        step = Step(
            "s",
            "put",
            "/things/{{id}}/x y/c%2Fd?inline={{id}}",
            params={"filter": {"a": {"b": "{{id}}"}}, "n": [1, 2], "yes": True},
            body={"{{id}}": [None, "{{n}}", "n{{n}}"]},
            headers={"X-A": "{{n}}"},
            cookies={"c": "{{id}}"},
        )
        result = await b.runner().run_step(step)
        assert result.ok
        method, path, headers, content = b.api.seen[-1]
        place, _, query = path.partition("?")
        assert (method, place) == ("PUT", "/main/things/a%2Fb%20%C3%A9/x%20y/c%2Fd")
        assert parse_qsl(query) == [
            ("filter[a][b]", "a/b é"),
            ("n", "1"),
            ("n", "2"),
            ("yes", "true"),
            ("inline", "a/b é"),
        ]
        assert json.loads(content) == {"a/b é": [None, 5, "n5"]}
        assert (headers["X-A"], headers["Cookie"]) == ("5", "c=a%2Fb%20%C3%A9")
        assert headers["Authorization"] == "Bearer clerk-value"

    live(check, id="a/b é", n=5)


def test_forms_files_tokens_and_bases() -> None:
    async def check(b: Bench) -> None:
        run = b.runner().run_step
        await run(Step("s", "POST", "/f", form_fields={"a": "{{x}}", "b": {"c": 1}}, token="chief"))
        _, path, headers, content = b.api.seen[-1]
        assert (path, parse_qsl(content.decode())) == ("/main/f", [("a", "1 2"), ("b[c]", "1")])
        assert headers["Authorization"] == "Bearer chief-value"
        files = {"file": {"base64": "AAH/"}}
        await run(Step("s", "POST", "/f", file_fields=files, use_fallback=True, anonymous=True))
        _, path, headers, content = b.api.seen[-1]
        assert path == "/other/f" and b"\x00\x01\xff" in content
        assert headers["Content-Type"].startswith("multipart/form-data; boundary=")
        assert "Authorization" not in headers

    live(check, x="1 2")


def test_extracts_feed_later_steps() -> None:
    async def check(b: Bench) -> None:
        items = Step(
            "items",
            "GET",
            "/items",
            extract={"s": "$.items[?(@.n == 2)].s", "all": "$.items", "n": "$..n"},
        )
        result = await b.runner().run_steps((OPEN, items, PRINT))
        assert result.ok and len(result.exchanges) == 3
        assert result.extracted["s"] == "y" and result.extracted["n"] == 1
        assert b.api.seen[-1][1] == "/main/parcels/d1/labels"

    live(check)


@pytest.mark.parametrize(
    ("step", "words"),
    [
        (Step("s", "GET", "/depots/none"), "GET /depots/none answered 404"),
        (Step("s", "GET", "/soft"), "answered 200"),
        (Step("s", "GET", "/x", extract={"a": "$.data.uid"}), r"nothing at \$.data.uid for a"),
        (Step("s", "GET", "/text", extract={"a": "$.a"}), "the answer is not JSON"),
        (Step("s", "GET", "/depots/none", expect_status=(200, 201)), r"\(expected 200 or 201\)"),
        (Step("s", "GET", "/x", wait_for=WaitFor("opened", 0.05)), "no event 'opened' came"),
        (Step("s", "GET", "/x", until=Until("$.ok", False, 0.05, 0.01)), r"\$.ok was True"),
    ],
)
def test_reasons_of_failure(step: Step, words: str) -> None:
    async def check(b: Bench) -> None:
        result = await b.runner().run_step(step)
        assert not result.ok and result.exchanges
        assert re.search(words, result.reason), result.reason

    live(check)


@pytest.mark.parametrize(
    ("step", "words"),
    [
        (Step("s", "GET", "/x/{{nowhere}}"), r"step s: The variable \{\{nowhere\}\}.*--var"),
        (Step("s", "GET", "/x/{uuid}"), r"path parameter \{uuid\} has no value.*--var uuid"),
        (Step("s", "GET", ""), "has no method or path"),
        (Step("s", "GET", "/x", extract={"a": "$["}), "is not a JSONPath"),
    ],
)
def test_errors_of_the_record_itself(step: Step, words: str) -> None:
    async def check(b: Bench) -> None:
        with pytest.raises(WorkflowError, match=words):
            await b.runner().run_step(step)

    live(check)


def test_an_expected_rejection_is_good_and_a_stale_expectation_is_told() -> None:
    async def check(b: Bench) -> None:
        runner, strict = b.runner(), b.runner(strict=True)
        assert (await runner.run_step(Step("s", "GET", "/depots/no", expect_status=(404,)))).ok
        stale = Step("s", "GET", "/x", expect_status=(422,))
        result = await runner.run_step(stale)
        assert result.ok and result.stale == "it answered 200, the record expects 422"
        assert not (await strict.run_step(stale)).ok
        assert (await strict.run_step(Step("s", "GET", "/x", expect_status=(200,)))).ok
        picky = b.runner(accepted=lambda exchange: False)
        assert not (await picky.run_step(Step("s", "GET", "/x"))).ok

    live(check)


@pytest.mark.parametrize(
    ("on_fail", "ok", "count"), [("abort", 0, 1), ("skip", 1, 3), ("continue", 1, 3)]
)
def test_on_fail(on_fail: str, ok: int, count: int) -> None:
    async def check(b: Bench) -> None:
        bad = Step("bad", "GET", "/depots/no", on_fail=on_fail, extract={"v": "$.v"})
        needs = Step("needs", "GET", "/x/{{v}}", on_fail="continue")
        result = await b.runner().run_steps((bad, needs, Step("last", "GET", "/x")))
        assert (result.ok, len(result.results)) == (bool(ok), count)
        assert result.results[0].skipped is (on_fail == "skip")
        if ok:
            assert result.results[1].reason == "it needs v, which step bad didn't give"
            assert result.results[2].ok
        else:
            assert result.reason.startswith("step bad: GET /depots/no answered 404")

    live(check)


def test_a_skipped_step_sends_nothing() -> None:
    async def check(b: Bench) -> None:
        result = await b.runner().run_step(Step("s", "GET", "/x", skip_reason="costly"))
        assert result.ok and result.skipped and not b.api.seen

    live(check)


def test_a_passing_failure_is_tried_again_with_fresh_values() -> None:
    async def check(b: Bench) -> None:
        b.api.failures = [502, 502]
        step = Step("s", "POST", "/x", body={"t": "{{now_timestamp}}"})
        result = await b.runner().run_step(step)
        assert result.ok and len({content for *_, content in b.api.seen}) == 3

    live(check)


def test_activation_by_webhook() -> None:
    async def check(b: Bench) -> None:
        waiting = Step(
            "open",
            "POST",
            "/depots",
            extract={"depot": "$.data.uid"},
            wait_for=WaitFor("depot.opened {{depot}}", PATIENCE_S),
        )
        for _ in range(2):
            assert (await b.runner().run_steps((waiting, PRINT))).ok
        b.listener.hold()
        assert (await b.runner().run_steps((waiting, PRINT))).ok
        assert not (await b.runner().run_steps((OPEN, PRINT))).ok
        b.listener.release()

    live(check, hooks=True)


def test_activation_by_polling_and_by_sleeping() -> None:
    async def check(b: Bench) -> None:
        extract = {"status": "$.data.status"}
        until = Until("$.data.status", "open", PATIENCE_S, 0.01)
        poll = Step("poll", "GET", "/depots/{{depot}}", until=until, extract=extract)
        runner = b.runner()
        result = await runner.run_steps((OPEN, poll, PRINT))
        assert result.ok and result.extracted["status"] == "open"
        slow = Step("open", "POST", "/depots", extract=OPEN.extract, sleep_ms=3_600_000)
        assert (await b.runner(max_sleep_s=0.05).run_step(slow)).ok

    live(check, hooks=True)


def record(text: str) -> Record:
    return parse_record(text, "r.md")[0]


def test_a_step_uses_the_fallback_of_its_operations_own_record() -> None:
    async def check(b: Bench) -> None:
        text = (
            "---\nendpoint: GET /depots/{uid}\nuseFallbackApi: true\ntokens: [other, chief]\n---\n"
        )
        special = "---\nendpoint: GET /depots/main\n---\n"
        records = index([record(text), record(special)])
        runner = b.runner(records=records, token_types=("clerk", "chief"))
        await runner.run_step(Step("s", "GET", "/depots/{{x}}"))
        assert b.api.seen[-1][1] == "/other/depots/1"
        assert b.api.seen[-1][2]["Authorization"] == "Bearer chief-value"
        await runner.run_step(Step("s", "GET", "/depots/main"))
        assert b.api.seen[-1][1] == "/main/depots/main"

    live(check, x="1")


def test_a_whole_record() -> None:
    async def check(b: Bench) -> None:
        runner = b.runner(strict=True)
        left_out = await run_record(record(RECORD), runner)
        assert left_out.status == "skipped" and left_out.reason.startswith("needs a depot")
        run = await run_record(record(RECORD), runner, skipped_too=True)
        assert (run.status, run.ok, run.reason) == ("passed", True, "")
        assert run.verified_request == {
            "method": "POST",
            "path": "/parcels/d1/labels",
            "body": {"text": "Hello d1"},
        }
        (uid,) = run.uid_resolutions
        assert (uid.field, uid.source_endpoint, uid.resolved_value) == (
            "depot",
            "POST /depots",
            "d1",
        )
        unknown = record(RECORD.replace("Hello {{depot}}", "{{nowhere}}"))
        run = await run_record(unknown, b.runner(), skipped_too=True)
        assert run.status == "error" and "{{nowhere}}" in run.reason
        wrong = record(RECORD.replace("status: 201", "status: 202"))
        run = await run_record(wrong, b.runner(strict=True), skipped_too=True)
        assert run.status == "failed" and "expected 202" in run.reason
        run = await run_record(wrong, b.runner(), skipped_too=True)
        assert run.notes == ("step print: it answered 201, the record expects 202",)
        empty = await run_record(Record("r.md", OperationId("GET", "/x")), b.runner())
        assert empty.status == "error"

    live(check)
