"""Checks a document against its server by brute force: is every statement in it exactly true?

Slow and simple on purpose: one request per statement, straight from the schema, sharing nothing
with the checker. Used on the truthful documents.
"""

from __future__ import annotations

import copy
import itertools
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import requests
from jsonschema import Draft202012Validator, FormatChecker

Json = Any
METHODS = ("get", "post", "put", "patch", "delete")


@dataclass(frozen=True)
class Sent:
    """A request in the operation's own terms; `form` and `files` beside a JSON `body`."""

    path: dict[str, Json] = field(default_factory=dict)
    query: dict[str, Json] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    cookies: dict[str, str] = field(default_factory=dict)
    body: Json = None
    form: dict[str, str] | None = None
    files: dict[str, Any] | None = None
    raw: bytes | None = None


@dataclass(frozen=True)
class Witness:
    """A request that is accepted whenever it is made anew (`make`).

    `skip`: fields whose requiredness depends on others, which a test of its own looks at.
    """

    operation: str
    make: Callable[[], Sent]
    token: str | None = None
    skip: frozenset[str] = frozenset()


class Api:
    """A server and its document; every answer is held against the document."""

    def __init__(self, url: str, document: Json, tokens: dict[str, str]) -> None:
        self.document = document
        servers = document.get("servers") or [{"url": document.get("basePath", "")}]
        self.base_path = servers[0]["url"].rstrip("/")
        self.url = url
        self.tokens = tokens
        self.session = requests.Session()
        self.numbers = itertools.count(1)

    def resolve(self, node: Json) -> Json:
        while isinstance(node, dict) and "$ref" in node:
            target: Json = self.document
            for key in node["$ref"].removeprefix("#/").split("/"):
                target = target[key]
            node = target
        return node

    def operation(self, name: str) -> tuple[str, str, Json]:
        """(method, template, operation object with the path's parameters resolved)."""
        method, _, template = name.partition(" ")
        item = self.document["paths"][template.removeprefix(self.base_path)]
        found = dict(item[method.lower()])
        both = [*item.get("parameters", []), *found.get("parameters", [])]
        found["parameters"] = [self.resolve(parameter) for parameter in both]
        return method, template, found

    def send(self, name: str, sent: Sent, token: str | None = None) -> requests.Response:
        """One request; AssertionError where the answer isn't documented."""
        method, template, operation = self.operation(name)
        path = re.sub(r"\{(\w+)\}", lambda match: str(sent.path[match[1]]), template)
        headers = dict(sent.headers)
        if token:
            headers["Authorization"] = f"Bearer {self.tokens.get(token, token)}"
        if sent.cookies:
            headers["Cookie"] = "; ".join(f"{k}={v}" for k, v in sent.cookies.items())
        data: Any = sent.form
        if sent.raw is not None:
            data = sent.raw
        elif sent.body is not None:
            data = json.dumps(sent.body).encode()
            headers.setdefault("Content-Type", "application/json")
        response = self.session.request(
            method, self.url + path, params=sent.query, headers=headers, data=data, files=sent.files
        )
        self.judge(name, operation, response)
        return response

    def judge(self, name: str, operation: Json, response: requests.Response) -> None:
        """The status, the media type and the body must be documented."""
        here = f"{name}: {response.status_code} {response.text[:200]}"
        documented = operation["responses"].get(str(response.status_code))
        assert documented is not None, f"undocumented status of {here}"
        documented = self.resolve(documented)
        media_type = response.headers.get("Content-Type", "").split(";")[0]
        if not response.content:
            assert not documented.get("content") and "schema" not in documented, here
            return
        if "swagger" in self.document:
            produces = operation.get("produces", self.document["produces"])
            assert media_type in produces, f"undocumented media type {media_type} of {here}"
            schema = documented.get("schema")
        else:
            assert media_type in documented.get("content", {}), f"{media_type} of {here}"
            schema = documented["content"][media_type].get("schema")
        if schema is not None:
            checker = Draft202012Validator(self.closed(schema), format_checker=FormatChecker())
            errors = [error.message for error in checker.iter_errors(content(response))]
            assert not errors, f"{errors} in {here}"

    def closed(self, schema: Json, *, inner: bool = False) -> Json:
        """JSON Schema of a response, references inlined; nothing undocumented passes it."""
        schema = dict(self.resolve(schema))
        if schema.pop("nullable", False):
            schema["type"] = [schema["type"], "null"]
        for keyword in ("allOf", "oneOf", "anyOf"):
            if keyword in schema:
                parts = [self.closed(part, inner=keyword == "allOf") for part in schema[keyword]]
                schema[keyword] = parts
        written = {}
        for name, part in schema.get("properties", {}).items():
            if not self.resolve(part).get("writeOnly"):
                written[name] = self.closed(part)
        if "properties" in schema:
            schema["properties"] = written
        if "required" in schema and written:
            schema["required"] = [name for name in schema["required"] if name in written]
        if "items" in schema:
            schema["items"] = self.closed(schema["items"])
        if not inner and ("properties" in schema or "allOf" in schema):
            schema["unevaluatedProperties"] = False
        return schema

    def flat(self, schema: Json) -> Json:
        """A request schema with `$ref` and `allOf` merged in, at its top level."""
        schema = dict(self.resolve(schema))
        for part in schema.pop("allOf", []):
            schema.update(self.flat(part))
        return schema


def content(response: requests.Response) -> Json:
    """The parsed JSON, or the text of anything else."""
    media_type = response.headers.get("Content-Type", "").split(";")[0]
    return response.json() if media_type.endswith("json") else response.text


def accepted(response: requests.Response) -> bool:
    """A good status, and no `ok: false` inside."""
    if response.status_code >= 400:
        return False
    if "json" not in response.headers.get("Content-Type", ""):
        return True
    body = response.json()
    return not isinstance(body, dict) or body.get("ok") is not False


def wrong_values(schema: Json) -> Iterator[tuple[str, Json]]:
    """Values that the schema forbids, each for one reason."""
    types = schema.get("type")
    types = [types] if isinstance(types, str) else list(types or [])
    if not types or "file" in types:
        return
    for name, value in {
        "string": "zzqx",
        "integer": 7,
        "boolean": True,
        "array": ["zzqx"],
        "object": {"zzqx": 1},
        "null": None,
    }.items():
        if name not in types and not (name == "null" and schema.get("nullable")):
            yield f"type {name}", value
    if "integer" in types:
        yield "a fraction", 1.5
    if "enum" in schema:
        yield "outside of the enum", "zzqx"
        yield "an enum value in capitals", str(schema["enum"][0]).swapcase()
    if "pattern" in schema or "format" in schema:
        yield "another form", "?!" * max(1, schema.get("minLength", 1))
    if "minimum" in schema:
        yield "below the minimum", schema["minimum"] - 1
    if "maximum" in schema:
        yield "above the maximum", schema["maximum"] + 1
    if schema.get("minLength"):
        yield "too short", "a" * (schema["minLength"] - 1)
    if "maxLength" in schema:
        yield "too long", "a" * (schema["maxLength"] + 1)


def right_values(schema: Json) -> Iterator[Json]:
    """Values at the edges of what the schema allows."""
    if "enum" in schema:
        yield from schema["enum"]
    if "minimum" in schema:
        yield schema["minimum"]
    if "maximum" in schema:
        yield schema["maximum"]
    if schema.get("type") == "string" and not {"enum", "pattern", "format"} & schema.keys():
        yield "é" * max(1, schema.get("minLength", 0))
        if "maxLength" in schema:
            yield "é" * schema["maxLength"]
        if "minLength" not in schema:
            yield ""
    if schema.get("nullable") or "null" in (schema.get("type") or []):
        yield None


def statements(api: Api, schema: Json, value: Json, path: tuple[Any, ...] = ()) -> Iterator[Any]:
    """(what, path, schema, required) of every property, at any depth that the value reaches."""
    schema = api.flat(schema)
    for kind in ("oneOf", "anyOf"):
        for branch in schema.get(kind, []):
            candidate = api.flat(branch)
            discriminating = api.flat(candidate["properties"]["kind"])["enum"]
            if value["kind"] in discriminating:
                yield from statements(api, candidate, value, path)
    if isinstance(value, dict):
        for name, part in schema.get("properties", {}).items():
            flat = api.flat(part)
            if flat.get("readOnly"):
                continue
            yield (*path, name), flat, name in schema.get("required", [])
            if name in value:
                yield from statements(api, flat, value[name], (*path, name))
    if isinstance(value, list) and value:
        yield from statements(api, schema["items"], value[0], (*path, 0))


def changed(value: Json, path: tuple[Any, ...], *new: Json) -> Json:
    """A copy with one member replaced, or taken out where no new value is given."""
    value = copy.deepcopy(value)
    node = value
    for key in path[:-1]:
        node = node[key]
    if new:
        node[path[-1]] = new[0]
    else:
        node.pop(path[-1], None)
    return value


def reached(value: Json, path: tuple[Any, ...]) -> bool:
    for key in path[:-1]:
        if isinstance(value, dict) and key not in value:
            return False
        value = value[key]
    return True


def check_body(api: Api, witness: Witness) -> None:
    """Every property of a JSON body: requiredness, type, enum, pattern, bounds."""
    _, _, operation = api.operation(witness.operation)
    schema = operation["requestBody"]["content"]["application/json"]["schema"]

    def verdict(path: tuple[Any, ...], *new: Json) -> bool:
        sent = witness.make()
        body = changed(sent.body, path, *new)
        return accepted(api.send(witness.operation, Sent(path=sent.path, body=body), witness.token))

    for path, part, required in list(statements(api, schema, witness.make().body)):
        if not reached(witness.make().body, path):
            continue
        here = f"{witness.operation} {path}"
        if path[-1] not in witness.skip:
            assert verdict(path) is not required, f"{here} is required: {not required}"
            for value in right_values(part):
                assert verdict(path, value), f"{here} refuses {value!r}"
        for reason, value in wrong_values(part):
            assert not verdict(path, value), f"{here} takes {value!r}: {reason}"
        if "maxItems" in part:
            item = witness.make().body[path[-1]][:1]
            assert verdict(path, item * part["maxItems"]), here
            assert not verdict(path, item * (part["maxItems"] + 1)), here
    sent = witness.make()
    unknown = {**sent.body, "zzqx": 1}
    closed = api.flat(schema).get("additionalProperties") is False
    taken = accepted(api.send(witness.operation, Sent(sent.path, body=unknown), witness.token))
    assert taken is not closed, f"{witness.operation}: unknown fields"
    for raw, kind in ((b"{", "application/json"), (b"[]", "application/json"), (b"{}", "text/x")):
        bad = Sent(path=sent.path, raw=raw, headers={"Content-Type": kind})
        assert not accepted(api.send(witness.operation, bad, witness.token)), (raw, kind)
    assert not accepted(api.send(witness.operation, Sent(path=sent.path), witness.token))


def check_parameters(api: Api, witness: Witness) -> None:
    """Query, header, cookie and form parameters: requiredness, enum and bounds, as text."""
    _, _, operation = api.operation(witness.operation)
    places = {"query": "query", "header": "headers", "cookie": "cookies", "formData": "form"}
    for parameter in operation["parameters"]:
        place = places.get(parameter["in"])
        schema = parameter.get("schema", parameter)
        if place is None or schema.get("type") in ("file", "object", "array"):
            continue
        name = parameter["name"]

        def verdict(*new: str, place: str = place, name: str = name) -> bool:
            sent = witness.make()
            members = {**vars(sent), place: changed(getattr(sent, place) or {}, (name,), *new)}
            return accepted(api.send(witness.operation, Sent(**members), witness.token))

        here = f"{witness.operation} {name}"
        required = parameter.get("required", False)
        assert verdict() is not required, f"{here} is required: {not required}"
        if place == "headers" or name in witness.skip:
            continue
        for value in right_values(schema):
            assert verdict(str(value)), f"{here} refuses {value!r}"
        for reason, value in wrong_values(schema):
            if not reason.startswith("type "):
                assert not verdict(str(value)), f"{here} takes {value!r}: {reason}"


def check_tokens(api: Api, witness: Witness) -> None:
    """Exactly the documented token types are accepted."""
    _, _, operation = api.operation(witness.operation)
    alternatives = operation.get("security", api.document.get("security", []))
    documented = {name for alternative in alternatives for name in alternative}
    for token in api.tokens:
        taken = accepted(api.send(witness.operation, witness.make(), token))
        assert taken is (not documented or token in documented), (witness.operation, token)
    for token in (None, "nonsense"):
        taken = accepted(api.send(witness.operation, witness.make(), token))
        assert taken is (not documented), (witness.operation, token)


def check(api: Api, witness: Witness) -> None:
    """Everything that the document says about one operation."""
    response = api.send(witness.operation, witness.make(), witness.token)
    assert accepted(response), f"{witness.operation}: {response.status_code} {response.text}"
    check_tokens(api, witness)
    if witness.make().body is not None:
        check_body(api, witness)
    check_parameters(api, witness)
    sent = witness.make()
    for name in sent.path:
        lost = Sent(**{**vars(sent), "path": {**sent.path, name: "999999"}})
        assert api.send(witness.operation, lost, witness.token).status_code == 404
