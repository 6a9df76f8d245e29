"""A whole run against a real server: what isn't its own is as it was, what it made is gone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from document_samples import write
from premises import ID, Premises, body, document, premises, said

from checker.domain.run import RunResult
from checker.pipeline import plan, run
from checker.settings import Settings, Target

FORBIDDEN = ("POST /shutdown", "PATCH /me", "POST /emails", "POST /zxqv", "PUT /settings")


def checked(
    server: Premises, folder: Path, written: dict[str, Any] | None = None, **options: Any
) -> RunResult:
    write(folder, document() if written is None else written)
    target = Target(base_url=server.url)
    settings = Settings(paths=(folder,), targets=(target,), fuzz=False, **options)
    return run(settings)


def reasons(result: RunResult) -> dict[str, str]:
    return {str(o.operation): f"{o.status}: {o.reason} {o.help}" for o in result.operations}


RULE = {
    "type": "object",
    "required": ["name"],
    "properties": {
        "name": {"type": "string", "minLength": 1},
        "enabled": {"type": "boolean", "default": True},
    },
}


def test_a_rule_that_acts_by_itself_is_never_on(tmp_path: Path) -> None:
    shown = {**RULE, "properties": {"id": {"type": "integer"}, **RULE["properties"]}}
    every = {"type": "array", "items": shown}
    written = document(
        **{
            "/automations": {
                "get": {"responses": said("200", every)},
                "post": {"requestBody": body(RULE), "responses": said("201", shown)},
            },
            "/automations/{id}": {
                "get": {"parameters": [ID], "responses": said("200", shown)},
                "put": {
                    "parameters": [ID],
                    "requestBody": body(RULE),
                    "responses": said("200", shown),
                },
                "delete": {"parameters": [ID], "responses": said("204")},
            },
        }
    )
    with premises() as server:
        result = checked(server, tmp_path, written, operations=("* /automations*",))
        assert server.fired == 0
        assert server.rules == {}
    told = reasons(result)
    assert told["POST /automations"].startswith("probed")
    assert told["PUT /automations/{id}"].startswith("probed")


FILTER = {"name": "id", "in": "query", "schema": {"type": "integer"}}


@pytest.mark.parametrize("destructive", [False, True])
def test_a_filter_of_a_collections_deletion_is_no_address(
    tmp_path: Path, destructive: bool
) -> None:
    """The server doesn't know the documented filter and deletes all that there is."""
    emptying = {"delete": {"parameters": [FILTER], "responses": {"204": {"description": "gone"}}}}
    written = document()
    # It stands before the items' own deletion, as documents mostly have it.
    written["paths"]["/rooms"] |= emptying
    with premises() as server:
        before = server.theirs()
        result = checked(server, tmp_path, written, allow_destructive=destructive)
        assert server.theirs() == before
        assert set(server.rooms) == set(before), "what the run made is removed one by one"
        assert "DELETE /rooms" not in server.asked
    assert reasons(result)["DELETE /rooms"].startswith("skipped: it deletes a whole collection")


@pytest.mark.parametrize("destructive", [False, True])
def test_nothing_that_was_there_is_changed(tmp_path: Path, destructive: bool) -> None:
    with premises() as server:
        before, settings = server.theirs(), dict(server.settings)
        result = checked(server, tmp_path, allow_destructive=destructive)
        assert server.theirs() == before
        assert server.settings == settings
        assert not [a for a in server.asked for f in FORBIDDEN if a.startswith(f)]
        assert set(server.rooms) == set(before), "what the run made is removed"
        assert result.cleanup == ()
    status = reasons(result)
    assert status["POST /rooms"].startswith("probed")
    assert status["PUT /rooms/{id}"].startswith("probed")
    assert status["POST /rooms/{id}/archive"].startswith("probed")
    for name in FORBIDDEN:
        assert status[name].startswith("skipped: ")
        assert f'allow = ["{name}"]' in status[name] or "--" in status[name]
    removed = "probed" if destructive else "partial: it deletes"
    assert status["DELETE /rooms/{id}"].startswith(removed)


def test_what_cannot_be_removed_is_told(tmp_path: Path) -> None:
    with premises() as server:
        server.deletes = False
        result = checked(server, tmp_path)
        assert len(server.rooms) > 5
    assert len(result.cleanup) == 1
    assert result.cleanup[0].startswith("POST /rooms: ") and "409" in result.cleanup[0]


def test_what_has_gone_whatever_its_deletion_answers_is_not_left(tmp_path: Path) -> None:
    with premises() as server:
        server.deleted = 400
        result = checked(server, tmp_path)
        assert set(server.rooms) == set(server.theirs())
    assert result.cleanup == ()


def test_what_cannot_be_removed_keeps_no_other_thing(tmp_path: Path) -> None:
    with premises() as server:
        server.keeps = 3
        result = checked(server, tmp_path)
        left = set(server.rooms) - set(server.theirs())
        assert left and not [number for number in left if number % 3]
        refused = [a for a in server.sent("DELETE /rooms/") if int(a.rpartition("/")[2]) in left]
        assert len(refused) <= 2 * len(left), "once when it is no longer needed, once at the end"
    assert result.cleanup[0].startswith(f"POST /rooms: {len(left)} made and left behind; ")


def test_only_so_many_things_are_made_at_a_time(tmp_path: Path) -> None:
    with premises() as server:
        server.deletes = False
        result = checked(server, tmp_path, max_created=12)
        assert len(server.rooms) <= 5 + 12
    told = reasons(result)
    assert "--max-created" in told["POST /rooms"]
    assert told["GET /rooms/{id}"].startswith("probed"), "steps use a made thing again"


def test_allow_sends_and_deny_wins(tmp_path: Path) -> None:
    with premises() as server:
        checked(server, tmp_path, allow=("POST /zxqv", "* /emails"), deny=("*/emails",))
        assert server.sent("POST /zxqv")
        assert not server.sent("POST /emails")
        assert not server.sent("POST /shutdown")


def test_a_test_system_lets_outward_things_be_sent(tmp_path: Path) -> None:
    with premises() as server:
        checked(server, tmp_path, test_system=True, effects=("unknown",))
        assert server.sent("POST /emails")
        assert server.sent("POST /zxqv")
        assert not server.sent("POST /shutdown")
        assert not server.sent("PATCH /me")


def test_what_is_borrowed_is_given_back(tmp_path: Path) -> None:
    with premises() as server:
        before = dict(server.settings)
        result = checked(server, tmp_path, borrow=True)
        assert len(server.sent("PUT /settings")) > 4
        assert server.settings == before
    assert reasons(result)["PUT /settings"].startswith("probed")
    assert result.cleanup == ()


def test_reading_comes_first(tmp_path: Path) -> None:
    with premises() as server:
        checked(server, tmp_path)
        assert server.asked.index("GET /rooms") < server.asked.index("POST /rooms")


def test_read_only_reads_only(tmp_path: Path) -> None:
    with premises() as server:
        checked(server, tmp_path, read_only=True)
        assert {a.split()[0] for a in server.asked} <= {"GET", "HEAD", "OPTIONS"}


def test_a_plan_says_what_would_be_skipped_and_sends_nothing(tmp_path: Path) -> None:
    with premises() as server:
        write(tmp_path, document())
        settings = Settings(paths=(tmp_path,), targets=(Target(base_url=server.url),))
        planned = {str(o.operation): o.reason for o in plan(settings).operations}
        assert server.asked == []
    assert planned["POST /rooms"] == ""
    assert all(planned[name] for name in FORBIDDEN)


def test_an_interrupted_share_leaves_nothing_behind(tmp_path: Path) -> None:
    with premises() as server:
        result = checked(server, tmp_path, max_requests=60)
        assert len(server.asked) <= 60
        assert set(server.rooms) == set(range(1, 6))
    assert replace(result, findings=()).requests_sent <= 60


def test_what_was_made_for_an_operation_is_gone_before_the_next_makes_more(tmp_path: Path) -> None:
    with premises() as server:
        checked(server, tmp_path)
        last = len(server.asked) - 1 - server.asked[::-1].index("POST /rooms")
        assert any(a.startswith("DELETE /rooms/") for a in server.asked[:last])
