"""Names that the client chooses, that a map's keys or a list of texts shows, and that one
operation gives another: reached, and what others have stays as it was."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest
from serving import JsonServer, running

from checker.documents.portal import load_portal
from checker.domain.exchange import Exchange, Request, Response
from checker.domain.run import RunResult
from checker.pipeline import run
from checker.safety.gate import Gate
from checker.safety.ownership import Ledger
from checker.safety.policy import Policy
from checker.settings import Settings, Target

Document = dict[str, Any]
BOAT = "6f1c2a9e-0d1b-4c55-9f3e-2b7a4c1d8e90"
JSON = {"content-type": "application/json"}
TEXT: Document = {"type": "string"}
THEIRS: Document = {
    "boats": {BOAT: {"hull": "oak"}, BOAT.replace("6f1c", "7a2d"): {"hull": "elm"}},
    "charts": {"theirs.txt": "here be dragons"},
    "clubs": {"theirs": {"notes": "none"}},
    "skippers": {"anne": {"berths": ["north"]}},
}


class Harbour(JsonServer):
    """Boats are only looked at; charts and clubs are named by who makes them; skippers have
    berths, which are leased."""

    def __init__(self) -> None:
        super().__init__()
        self.has = copy.deepcopy(THEIRS)

    def answer(self, method: str, path: list[str], body: Any) -> tuple[int, Any]:
        match method, path:
            case "GET", ["boats"]:
                return 200, self.has["boats"]
            case "GET", ["charts"]:
                return 200, sorted(self.has["charts"])
            case "GET", ["clubs" | "skippers" as kind]:
                return 200, [{"name": name, **each} for name, each in self.has[kind].items()]
            case "PUT", ["charts", name]:
                self.has["charts"][name] = body
                return 200, {"name": name}
            case "POST", ["clubs", name] if name not in self.has["clubs"]:
                self.has["clubs"][name] = {"notes": ""}
                return 201, {"name": name, "notes": ""}
            case "POST", ["clubs", _]:
                return 409, {"error": "there is such a club"}
            case "POST", ["skippers"]:
                return self._signed_on(body)
            case "GET", ["leases", owner, berth]:
                skipper = self.has["skippers"].get(owner)
                if skipper is None or berth not in skipper["berths"]:
                    return 404, {"error": "not found"}
                return 200, {"owner": owner, "berth": berth}
            case _, [kind, name, *rest] if name in self.has.get(kind, {}):
                return self._of_one(method, kind, name, rest, body)
        return 404, {"error": "not found"}

    def _signed_on(self, body: Any) -> tuple[int, Any]:
        name = body.get("name") if isinstance(body, dict) else None
        if not isinstance(name, str) or not 0 < len(name) < 60 or name in self.has["skippers"]:
            return 400, {"error": "name is missing, too long or taken"}
        self.has["skippers"][name] = {"berths": []}
        return 201, {"name": name, "berths": []}

    def _of_one(
        self, method: str, kind: str, name: str, rest: list[str], body: Any
    ) -> tuple[int, Any]:
        thing = self.has[kind][name]
        match method, rest:
            case "GET", []:
                return 200, {"name": name, **(thing if isinstance(thing, dict) else {})}
            case "DELETE", [] if kind != "boats":
                del self.has[kind][name]
                return 204, None
            case "PUT", ["notes"] if kind == "clubs":
                thing["notes"] = body
                return 200, {"name": name}
            case "POST", ["berths", berth] if kind == "skippers":
                thing["berths"].append(berth)
                return 202, None
        return 404, {"error": "not found"}


def operation(summary: str, *statuses: str, body: bool = False, **named: str) -> Document:
    """An operation whose path parameters are `named`, each with its description."""
    made: Document = {
        "summary": summary,
        "responses": {s: {"description": "Done."} for s in statuses},
        "parameters": [
            {"name": n, "in": "path", "required": True, "schema": TEXT, "description": words}
            for n, words in named.items()
        ],
    }
    if body:
        made["requestBody"] = {"content": {"application/json": {"schema": {"type": "object"}}}}
    return made


def skipping() -> Document:
    made = operation("Sign on a skipper", "201")
    schema = {"type": "object", "properties": {"name": TEXT}, "required": ["name"]}
    made["requestBody"] = {"content": {"application/json": {"schema": schema}}}
    return made


def document() -> Document:
    gone = ("204", "404")
    paths: Document = {
        "/boats": {"get": operation("List boats", "200")},
        "/boats/{boat}": {"get": operation("Get a boat", "200", "404", boat="The boat")},
        "/charts": {"get": operation("List charts", "200")},
        "/charts/{chart}": {
            "get": operation("Get a chart", "200", "404", chart="Its name"),
            "put": operation("Write a chart", "200", body=True, chart="Its name"),
            "delete": operation("Delete a chart", *gone, chart="Its name"),
        },
        "/clubs": {"get": operation("List clubs", "200")},
        "/clubs/{name}": {
            "get": operation("Get a club", "200", "404", name="club name"),
            "post": operation("Create a club", "201", "409", name="club name"),
            "delete": operation("Delete a club", *gone, name="club name"),
        },
        "/clubs/{name}/notes": {
            "put": operation("Set the notes", "200", "404", body=True, name="club name")
        },
        "/skippers": {"get": operation("List skippers", "200"), "post": skipping()},
        "/skippers/{name}": {
            "get": operation("Get a skipper", "200", "404", name="skipper name"),
            "delete": operation("Delete a skipper", *gone, name="skipper name"),
        },
        "/skippers/{name}/berths/{berth_name}": {
            "post": operation(
                "Start a skipper's named berth", "202", name="skipper name", berth_name="its name"
            )
        },
        "/leases/{owner}/{berth_name}": {
            "get": operation(
                "Get a lease",
                *("200", "404"),
                owner="name of the skipper who has the berth",
                berth_name="name of the berth",
            )
        },
    }
    return {"openapi": "3.0.3", "info": {"title": "t", "version": "1"}, "paths": paths}


@pytest.fixture(scope="module")
def harbour(tmp_path_factory: pytest.TempPathFactory) -> tuple[RunResult, Harbour]:
    folder = tmp_path_factory.mktemp("harbour")
    (folder / "api.json").write_text(json.dumps(document()), encoding="utf-8")
    with running(Harbour()) as server:
        target = Target(base_url=server.url)
        return run(Settings(paths=(folder,), targets=(target,), fuzz=False)), server


@pytest.mark.parametrize(
    "wanted",
    [
        "GET /boats/{boat}",  # a key of a map
        "GET /charts/{chart}",  # a text of a list
        "PUT /charts/{chart}",  # under a name that nobody has
        "POST /clubs/{name}",
        "PUT /clubs/{name}/notes",  # in what was made under a name
        "POST /skippers/{name}/berths/{berth_name}",  # nothing reads what it makes
        "GET /leases/{owner}/{berth_name}",  # what is named after a thing, or told in words
    ],
)
def test_it_is_reached(harbour: tuple[RunResult, Harbour], wanted: str) -> None:
    result, _ = harbour
    told = {str(o.operation): (o.status, o.reason) for o in result.operations}
    assert told[wanted][0] in ("probed", "partial"), told[wanted]


def test_what_others_have_is_as_it_was(harbour: tuple[RunResult, Harbour]) -> None:
    assert harbour[1].has == THEIRS


@pytest.mark.parametrize(
    ("path", "sent"),
    [
        ("/skippers/xvqkwypt-rnh/berths/wkfhtzqpmvbn", True),  # nobody's text, in an own thing
        ("/skippers/xvqkwypt-rnh/berths/north", False),  # somebody's may be called so
        ("/skippers/anne/berths/wkfhtzqpmvbn", False),  # in somebody's
        ("/moles/wkfhtzqpmvbn", False),  # in what everybody has
    ],
)
def test_nothing_is_named_in_what_is_somebodys(tmp_path: Path, path: str, sent: bool) -> None:
    described = document()
    described["paths"]["/moles/{mole}"] = {"post": operation("Create a mole", "202", mole="it")}
    (tmp_path / "api.json").write_text(json.dumps(described), encoding="utf-8")
    operations = {o.id: o for o in load_portal((tmp_path,), Settings()).operations()}
    gate = Gate(Policy(), operations, Ledger())
    for number, name in enumerate(("xvqkwypt-rnh", "pkzwtlrd-cbx")):
        said = {"name": name, "berths": []}
        body = json.dumps({"name": name}).encode()
        made = Request("POST", "/skippers", content=body, media_type="application/json")
        for more, request in enumerate((made, Request("GET", f"/skippers/{name}"))):
            gate.note_sent(2 * number + more, request)
            answer = Response(201 - more, JSON, said, json.dumps(said))
            gate.note(Exchange(request, answer, 2 * number + more), accepted=True)
    asked = Request("POST", path)
    held = gate.held(asked)
    assert (held is None) is sent, held
    if sent:
        gate.note_sent(9, asked)
        assert gate.held(asked) is None, "nor is it anybody's where the answer gets lost"
