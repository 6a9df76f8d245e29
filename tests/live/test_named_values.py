"""Requests that need a value which no enum names: one that a list of the same resource shows, one
of a published registry, and an item of a kind that only the words of the operation name."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from serving import JsonServer, running

from checker.domain.run import RunResult
from checker.pipeline import run
from checker.settings import Settings, Target

Document = dict[str, Any]
TEXT = {"type": "string"}
OWN, FREE = "origin", ("shade", "grain")
LAYOUTS = ("plain", "mirror", "grid")


class Api(JsonServer):
    """Boards have labels: one that is the server's own and `shade` from the start. Mirror boards
    bear no depth, and only they can be turned. Seals take two algorithms."""

    def __init__(self, told: bool) -> None:
        super().__init__()
        self.told = told
        self.boards: dict[str, dict[str, Any]] = {}
        self.labels: dict[str, dict[str, str]] = {}

    def answer(self, method: str, path: list[str], body: Any) -> tuple[int, Any]:
        given = body if isinstance(body, dict) else {}
        match method, path:
            case "POST", ["boards"]:
                return self._board(given)
            case method, ["boards", name, *rest] if name in self.boards:
                return self._inside(method, name, rest, given)
            case "POST", ["seals"]:
                if given.get("algorithm") not in ("sha256", "sha512"):
                    return self._no(f"unknown algorithm {given.get('algorithm')}")
                return 201, {"algorithm": given["algorithm"]}
            case _:
                return 404, {"error": "not found"}

    def _no(self, why: str) -> tuple[int, Any]:
        return 422, {"error": why if self.told else "no"}

    def _board(self, given: Document) -> tuple[int, Any]:
        layout, depth = given.get("layout"), given.get("depth", 1)
        if layout not in LAYOUTS or not isinstance(depth, int):
            return self._no("layout or depth")
        if layout == "mirror" and "depth" in given:
            return self._no("a mirror has no depth")
        made = {"id": f"b{len(self.boards) + 1}", "layout": layout}
        self.boards[made["id"]] = made
        self.labels[made["id"]] = {OWN: "server", FREE[0]: "dark"}
        return 201, made

    def _inside(self, method: str, name: str, rest: list[str], given: Document) -> tuple[int, Any]:
        labels = self.labels[name]
        match method, rest:
            case "POST", ["turn"]:
                if self.boards[name]["layout"] != "mirror":
                    return self._no("this board can't be turned")
                return 200, self.boards[name]
            case "GET", ["labels"]:
                return 200, [{"kind": k, "value": v} for k, v in labels.items()]
            case "POST", ["labels"]:
                kind, value = given.get("kind"), given.get("value")
                if kind not in FREE or not isinstance(value, str):
                    return self._no(f"kind {kind} can't be set")
                labels[str(kind)] = value
                return 201, {"kind": kind, "value": value}
            case "GET", ["labels", kind]:
                if kind not in labels or kind == OWN:
                    return self._no(f"kind {kind} can't be had")
                return 200, {"kind": kind, "value": labels[kind]}
            case _:
                return 404, {"error": "not found"}


def _json(schema: Document) -> Document:
    return {"application/json": {"schema": schema}}


def _object(required: tuple[str, ...] = (), **properties: Document) -> Document:
    needed = {"required": list(required)} if required else {}
    return {"type": "object", "properties": properties, **needed}


def _operation(words: str, status: str, answer: Document, body: Document | None = None) -> Document:
    refused = {"description": "No.", "content": _json(_object(error=TEXT))}
    made: Document = {
        "description": words,
        "responses": {
            status: {"description": "Yes.", "content": _json(answer)},
            **dict.fromkeys(("404", "422"), refused),
        },
    }
    if body is not None:
        made["requestBody"] = {"required": True, "content": _json(body)}
    return made


def document() -> Document:
    layout = {**TEXT, "enum": list(LAYOUTS)}
    depth = {"type": "integer", "description": "Not for boards whose layout is mirror."}
    board = _object(id=TEXT, layout=layout)
    label = _object(kind=TEXT, value=TEXT)
    new_label = _object(("kind", "value"), kind={**TEXT, "description": "What sort"}, value=TEXT)
    seal = _object(("algorithm",), algorithm=TEXT)
    parameters = [{"name": "board_id", "in": "path", "required": True, "schema": TEXT}]
    kind = {"name": "label_kind", "in": "path", "required": True, "schema": TEXT}
    turn = _operation("Turns a board. Only mirror boards can be turned.", "200", board)
    every = _operation("Labels.", "200", {"type": "array", "items": label})
    return {
        "openapi": "3.0.3",
        "info": {"title": "t", "version": "1"},
        "paths": {
            "/boards": {
                "post": _operation(
                    "A board.", "201", board, _object(("layout",), layout=layout, depth=depth)
                )
            },
            "/boards/{board_id}/turn": {"parameters": parameters, "post": turn},
            "/boards/{board_id}/labels": {
                "parameters": parameters,
                "get": every,
                "post": _operation("A label.", "201", label, new_label),
            },
            "/boards/{board_id}/labels/{label_kind}": {
                "parameters": [*parameters, kind],
                "get": _operation("One label.", "200", label),
            },
            "/seals": {"post": _operation("A seal.", "201", seal, seal)},
        },
    }


def ran(folder: Path, told: bool) -> RunResult:
    folder.mkdir()
    (folder / "api.json").write_text(json.dumps(document()), encoding="utf-8")
    with running(Api(told)) as server:
        # No text comes back with a board, so that nothing shows that it wasn't there before;
        # nothing says what `POST /seals` does.
        target = Target(base_url=server.url, allow=("POST /boards/*",))
        targets, effects = (target,), ("unknown",)
        return run(Settings(paths=(folder,), targets=targets, effects=effects, fuzz=False))


@pytest.mark.parametrize("told", [True, False], ids=["told", "terse"])
def test_every_operation_is_probed(tmp_path: Path, told: bool) -> None:
    result = ran(tmp_path / "swagger", told)
    assert {str(o.operation): o.status for o in result.operations} == dict.fromkeys(
        [
            "GET /boards/{board_id}/labels",
            "GET /boards/{board_id}/labels/{label_kind}",
            "POST /boards",
            "POST /boards/{board_id}/labels",
            "POST /boards/{board_id}/turn",
            "POST /seals",
        ],
        "probed",
    ), [o.reason for o in result.operations]
    found = {(f.rule, str(f.operation), f.field.name): f.observed for f in result.findings}
    enum = found.pop(("enum-undocumented", "POST /seals", "algorithm"))
    assert enum == ["sha256", "sha512"]
    # That two labels were met, of which one can be set, isn't the whole set.
    assert not found
