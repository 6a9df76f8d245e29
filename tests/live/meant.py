"""Two small APIs for what names, descriptions and answers mean, without identifiers' names.

`yard`: cars by plate, a header that names the depot, one query field that only its words call an
identifier, and every refusal inside a 200, in a member of its own. `channels`: a code that the
server made up has to be said again; a post needs a confirmed channel and a list with members.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping
from typing import Any

from chains import Answer, Refused, need, whole

Document = dict[str, Any]


def text(value: Any, pattern: str = ".{1,40}") -> bool:
    return isinstance(value, str) and re.fullmatch(pattern, value) is not None


class Yard:
    """Depots, cars and stays; what is wrong is said in `outcome.status` alone."""

    def __init__(self) -> None:
        self.depots: dict[str, Document] = {}
        self.cars: dict[str, Document] = {}
        self.numbers = itertools.count(31)

    def answer(self, method: str, target: str, body: Any, headers: Mapping[str, str]) -> Answer:
        path, _, query = target.partition("?")
        try:
            need(headers.get("authorization") == "Bearer main-token", 0, "DENIED")
            return (
                200,
                {"outcome": {"status": "OK", **self.made(method, path, query, body, headers)}},
                {},
            )
        except Refused as error:
            return 200, {"outcome": {"status": error.code, "ref": next(self.numbers)}}, {}

    def made(
        self, method: str, path: str, query: str, body: Any, headers: Mapping[str, str]
    ) -> Document:
        if (method, path) == ("POST", "/depots"):
            need(isinstance(body, dict) and text(body.get("label")), 0, "ERROR")
            depot = {"id": f"d{next(self.numbers)}", "label": body["label"]}
            self.depots[depot["id"]] = depot
            return {"depot": depot}
        if (method, path) == ("POST", "/cars"):
            need(isinstance(body, dict) and text(body.get("plate"), "[A-Z]{2}[0-9]{4}"), 0, "ERROR")
            need(body["plate"] not in self.cars, 0, "ERROR")
            need(body.get("fuel") in ("gas", "power"), 0, "ERROR")
            self.cars[body["plate"]] = {"plate": body["plate"], "fuel": body["fuel"]}
            return {"car": self.cars[body["plate"]]}
        if method == "GET" and path.startswith("/cars/"):
            need(path[6:] in self.cars, 0, "ERROR")
            return {"car": self.cars[path[6:]]}
        if (method, path) == ("POST", "/stays"):
            need(headers.get("x-depot") in self.depots, 0, "ERROR")
            need(isinstance(body, dict) and body.get("plate") in self.cars, 0, "ERROR")
            return {"stay": {"number": next(self.numbers), "plate": body["plate"]}}
        if (method, path) == ("GET", "/free"):
            need(query.removeprefix("at=") in self.depots, 0, "ERROR")
            return {"free": 12}
        raise Refused(0, "ERROR")


class Channels:
    """Channels are confirmed with their code, lists get members, posts need both."""

    def __init__(self) -> None:
        self.channels: dict[str, Document] = {}
        self.lists: dict[str, Document] = {}
        self.numbers = itertools.count(4711)

    def answer(self, method: str, target: str, body: Any, headers: Mapping[str, str]) -> Answer:
        try:
            need(headers.get("authorization") == "Bearer main-token", 401)
            need(method == "POST" and isinstance(body, dict), 400)
            return 201, self.made(target, body), {}
        except Refused as error:
            return error.status, {"reason": "refused"}, {}

    def made(self, path: str, body: Document) -> Document:
        if path == "/channels":
            need(text(body.get("sender")), 400)
            kept = {"id": f"c{next(self.numbers)}", "sender": body["sender"], "state": "pending"}
            kept["confirmation_code"] = str(next(self.numbers) * 7919 % 900000 + 100000)
            self.channels[kept["id"]] = kept
            return kept
        if path == "/lists":
            need(text(body.get("title")), 400)
            made = {"id": f"l{next(self.numbers)}", "title": body["title"], "members": 0}
            self.lists[str(made["id"])] = made
            return made
        if match := re.fullmatch("/channels/([^/]+)/confirm", path):
            channel = self.channels.get(match[1])
            need(channel, 404)
            assert channel is not None
            need(body.get("code") == channel["confirmation_code"], 400)
            need(channel["state"] == "pending", 409)
            channel["state"] = "active"
            return channel
        if match := re.fullmatch("/lists/([^/]+)/members", path):
            need(match[1] in self.lists, 404)
            need(text(body.get("address")), 400)
            self.lists[match[1]]["members"] += 1
            return {"address": body["address"]}
        need(path == "/posts", 404)
        channel, wanted = (
            self.channels.get(body.get("channel_id", "")),
            self.lists.get(body.get("list_id", "")),
        )
        need(channel and wanted and text(body.get("words")), 400)
        assert channel is not None and wanted is not None
        need(channel["state"] == "active" and wanted["members"], 409)
        return {"id": f"p{next(self.numbers)}"}


class Desk:
    """Tickets of a tenant, closed once; notes that only their list shows.

    `minutes` counts for visits alone, `hours` is stored, a note's `colour` is not.
    """

    def __init__(self) -> None:
        self.tickets: dict[str, Document] = {}
        self.notes: list[Document] = []
        self.numbers = itertools.count(81)

    def answer(self, method: str, target: str, body: Any, headers: Mapping[str, str]) -> Answer:
        try:
            need(headers.get("authorization") == "Bearer main-token", 401)
            return self.made(method, target.partition("?")[0], body, headers)
        except Refused as error:
            return error.status, {"reason": "refused"}, {}

    def made(self, method: str, path: str, body: Any, headers: Mapping[str, str]) -> Answer:
        if (method, path) == ("POST", "/tickets"):
            need(headers.get("x-tenant") in ("north", "south"), 403)
            need(isinstance(body, dict) and text(body.get("title")), 400)
            need(body.get("kind") in ("call", "visit"), 400)
            kept = {"id": f"t{next(self.numbers)}", "title": body["title"], "kind": body["kind"]}
            hours = body.get("hours", {"open": 8, "close": 20})
            need(isinstance(hours, dict) and set(hours) == {"open", "close"}, 400)
            need(all(isinstance(h, int) and 0 <= h <= 24 for h in hours.values()), 400)
            kept |= {"hours": hours, "state": "new"}
            if body["kind"] == "visit":
                minutes = body.get("minutes", 15)
                need(isinstance(minutes, int) and minutes > 0, 400)
                kept["minutes"] = minutes
            self.tickets[kept["id"]] = kept
            return 201, kept, {}
        if (method, path) == ("POST", "/notes"):
            need(isinstance(body, dict) and text(body.get("words")), 400)
            self.notes.append({"id": next(self.numbers), "words": body["words"], "colour": "red"})
            return 201, {"id": self.notes[-1]["id"]}, {}
        if (method, path) == ("GET", "/notes"):
            return 200, {"notes": self.notes}, {}
        ticket = self.tickets.get(path.split("/")[2] if path.startswith("/tickets/") else "")
        need(ticket, 404)
        assert ticket is not None
        if method == "POST" and path.endswith("/close"):
            need(ticket["state"] == "new", 409)
            ticket["state"] = "closed"
            return 204, None, {}
        need(method == "GET", 405)
        return 200, ticket, {}


class Tools:
    """Lamps and drills, told apart by `kind`; a drill has a chuck and at most 3000 turns."""

    def __init__(self) -> None:
        self.numbers = itertools.count(9)

    def answer(self, method: str, target: str, body: Any, headers: Mapping[str, str]) -> Answer:
        try:
            need(headers.get("authorization") == "Bearer main-token", 401)
            need((method, target) == ("POST", "/tools"), 404)
            need(isinstance(body, dict) and text(body.get("name")), 400)
            need(body.get("kind") in ("lamp", "drill"), 400)
            if body["kind"] == "lamp":
                need(whole(body.get("lumen"), 1, 9000), 400)
            else:
                need(whole(body.get("turns"), 10, 3000), 400)
                need(body.get("chuck") in ("keyed", "keyless"), 400)
            return 201, {"id": next(self.numbers)}, {}
        except Refused as error:
            return error.status, {"reason": "refused"}, {}


class Plans:
    """Steps within steps; hot ones need a temperature, at every depth."""

    def __init__(self) -> None:
        self.numbers = itertools.count(3)

    def answer(self, method: str, target: str, body: Any, headers: Mapping[str, str]) -> Answer:
        try:
            need(headers.get("authorization") == "Bearer main-token", 401)
            need((method, target) == ("POST", "/plans"), 404)
            need(isinstance(body, dict), 400)
            self.check(body.get("root"))
            return 201, {"id": next(self.numbers)}, {}
        except Refused as error:
            return error.status, {"reason": "refused"}, {}

    def check(self, step: Any) -> None:
        need(isinstance(step, dict) and step.get("act") in ("heat", "rest"), 400)
        need(whole(step.get("minutes"), 1, 60), 400)
        need(step["act"] != "heat" or whole(step.get("celsius"), 20, 300), 400)
        need(isinstance(step.get("steps", []), list), 400)
        for inner in step.get("steps", []):
            self.check(inner)
