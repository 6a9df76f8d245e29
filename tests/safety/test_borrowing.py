"""What is lent: only what can be written back as it was."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from document_samples import load, write
from premises import Handler, Premises, body, document, premises, said

from checker.domain.exchange import Call, Request
from checker.domain.operation import Operation, OperationId
from checker.pipeline import run
from checker.pipeline.removing.borrowing import differences, written_back
from checker.settings import Settings, Target

TEXT = {"type": "string"}
READING = Request("GET", "/profile/7")


def writer(folder: Path, **properties: Any) -> Operation:
    schema = {"type": "object", "properties": properties}
    paths = {
        "/profile/{id}": {
            "put": {
                "parameters": [{"name": "id", "in": "path", "required": True, "schema": TEXT}],
                "requestBody": body(schema),
                "responses": said("200", schema),
            }
        }
    }
    (found,) = (
        o
        for o in load(folder, document(**paths)).operations
        if o.id == OperationId("PUT", "/profile/{id}")
    )
    return found


def lent(operation: Operation, was: Any) -> Call | str:
    return written_back(operation, was, READING, "staff")


def test_what_is_read_is_written(tmp_path: Path) -> None:
    operation = writer(tmp_path, name=TEXT, size={"type": "integer"})
    call = lent(operation, {"data": {"id": 7, "name": "a", "size": 3, "at": "now"}})
    assert isinstance(call, Call)
    assert (call.body, dict(call.path), call.token) == (
        {"name": "a", "size": 3},
        {"id": "7"},
        "staff",
    )


@pytest.mark.parametrize("masked", ["***", "sk_live_****", "••••1234", "xxxxxxxx", "...", "abc..."])
def test_what_is_shown_masked_is_not_lent(tmp_path: Path, masked: str) -> None:
    operation = writer(tmp_path, name=TEXT, key=TEXT)
    assert lent(operation, {"name": "a", "key": masked}) == "key is a secret"


@pytest.mark.parametrize("value", ["a", "", "x", "Max", "1.5", "end.", "a*b"])
def test_ordinary_texts_are(tmp_path: Path, value: str) -> None:
    operation = writer(tmp_path, name=TEXT, key=TEXT)
    assert isinstance(lent(operation, {"name": "a", "key": value}), Call)


@pytest.mark.parametrize("more", [{"writeOnly": True}, {"format": "password"}])
def test_secrets_by_their_schema_are_not(tmp_path: Path, more: dict[str, Any]) -> None:
    operation = writer(tmp_path, name=TEXT, note=TEXT, key={**TEXT, **more})
    assert lent(operation, {"name": "a", "note": "b", "key": "c"}) == "key is a secret"


def test_what_is_written_and_not_shown_is_not(tmp_path: Path) -> None:
    operation = writer(tmp_path, name=TEXT, note=TEXT, key=TEXT)
    assert lent(operation, {"name": "a", "note": "b"}) == "key is written and not shown"
    assert isinstance(lent(operation, {"x": {"y": 1}}), str)
    assert isinstance(lent(operation, "a page"), str)
    assert lent(writer(tmp_path), {"name": "a"}) == "its body isn't documented"


def test_where_two_values_differ() -> None:
    assert differences({"a": 1, "b": {"c": [1]}}, {"a": True, "b": {"c": [2]}, "d": None}) == {
        "$.a",
        "$.b.c",
        "$.d",
    }
    assert differences({"a": [{"b": 1}]}, {"a": [{"b": 1}]}) == set()


class Forgetful(Premises):
    """Keeps what `after` writes have left, whatever comes then."""

    def __init__(self, after: int) -> None:
        super().__init__()
        self._after = after

    @property
    def settings(self) -> dict[str, Any]:
        return json.loads(self._kept)  # type: ignore[no-any-return]

    @settings.setter
    def settings(self, value: dict[str, Any]) -> None:
        if len(self.sent("PUT /settings")) <= getattr(self, "_after", 9):
            self._kept = json.dumps(value)


def borrowed(folder: Path, server: Premises) -> tuple[list[str], str]:
    write(folder, document())
    target = Target(base_url=server.url)
    result = run(
        Settings(
            paths=(folder,),
            targets=(target,),
            fuzz=False,
            borrow=True,
            operations=("PUT /settings",),
        )
    )
    (outcome,) = result.operations
    return list(result.cleanup), outcome.reason


def test_what_could_not_be_restored_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("premises.Premises", lambda: Forgetful(4))
    with premises() as server:
        lines, _ = borrowed(tmp_path, server)
        assert server.settings != {"opens": "08:00", "limit": 7}
    assert len(lines) == 1 and "could not be restored" in lines[0] and "PUT /settings" in lines[0]


def test_what_changes_by_being_written_back_is_not_lent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real: Any = Handler.reply

    def reply(handler: Any, path: str, given: Any) -> Any:
        if handler.command == "PUT" and path == "/settings":
            handler.server.settings = {**handler.server.settings, "limit": 99}
            return 200, handler.server.settings
        return real(handler, path, given)

    monkeypatch.setattr(Handler, "reply", reply)
    with premises() as server:
        lines, reason = borrowed(tmp_path, server)
        assert len(server.sent("PUT /settings")) == 1, "no probe is sent"
    assert "writing it back unchanged chang" in reason
    assert len(lines) == 1 and "changed" in lines[0]
