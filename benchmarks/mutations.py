"""Single mutations of large public documents: is each one named, and nothing else?

    python benchmarks/mutations.py [--each 10] [--seed 0] [FILE|FOLDER ...]

Without files the documents of `PACKAGES` are fetched with `npm pack` into a temporary folder. Each
document is compared with itself and with copies in each of which one fact was changed; over all
documents every kind of mutation is used as often as there is a place for it. A mutation counts as
named exactly where at least one change is told, each of them is of the expected kind, and stands
at the mutated place. What isn't named so is printed with what was told instead.
"""

from __future__ import annotations

import argparse
import copy
import json
import random
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from diff import fetch

from checker.documents.collecting import paused
from checker.documents.loader import load_document
from checker.domain.portal import Portal
from checker.drift.compare import Change, diff_portals

PACKAGES = [
    ("@octokit/openapi", "23.0.2", "generated/api.github.com.json"),
    ("@octokit/openapi", "22.0.0", "generated/ghes-3.14.json"),
    ("@octokit/openapi-webhooks", "12.1.0", "generated/api.github.com.json"),
    ("@directus/specs", "15.2.0", "dist/openapi.json"),
    ("@blockfrost/openapi", "0.1.93", "openapi.yaml"),
    ("@ideal-postcodes/openapi", "4.21.0", "dist/openapi.json"),
    ("@digdir/dialogporten-schema", "1.40.0", "swagger.verified.json"),
    ("@shipengine/connect-fulfillment-provider-api", "4.6.0", "spec.json"),
    ("@readme/oas-examples", "8.2.2", "3.1/json/readme.json"),
    ("@readme/oas-examples", "8.2.2", "3.0/json/star-trek.json"),
]
METHODS = ("get", "put", "post", "delete", "patch")
MIN_BYTES = 60_000
"""Smaller files of a folder are left out."""
Way = tuple[Any, ...]


@dataclass(frozen=True)
class Place:
    """A node that a request or an answer has; `used` is how it is reached."""

    what: str
    way: Way
    node: Any


@dataclass(frozen=True)
class Mutation:
    """`edit` changes the node of a place that `fits`; `kinds` are what may be told of it."""

    name: str
    what: str
    fits: Callable[[Any], bool]
    edit: Callable[[Any], None]
    kinds: frozenset[str]
    version: str = ""
    """How the version of a document has to begin that knows the word."""


def typed(*types: str) -> Callable[[Any], bool]:
    return lambda node: node.get("type") in types and not {"enum", "const"} & set(node)


def lacks(word: str, *types: str) -> Callable[[Any], bool]:
    fits = typed(*types)
    return lambda node: fits(node) and word not in node


def sets(word: str, value: Any) -> Callable[[Any], None]:
    def edit(node: Any) -> None:
        node[word] = copy.deepcopy(value)

    return edit


def new_word(name: str, kinds: str, value: Any, *types: str, word: str = "") -> Mutation:
    """A keyword that a schema of these types hasn't got yet."""
    word = word or name
    told = frozenset(kinds.split())
    return Mutation(name, "schema", lacks(word, *types), sets(word, value), told)


def on(
    name: str, what: str, kinds: str, fits: Callable[[Any], bool], edit: Callable[[Any], None]
) -> Mutation:
    return Mutation(name, what, fits, edit, frozenset(kinds.split()))


def _drop(node: Any, word: str) -> None:
    del node[word]


def _unrequired(node: Any) -> bool:
    names = set(node.get("properties", ())) if isinstance(node.get("properties"), dict) else set()
    return bool(names - set(node.get("required") or ()))


def _no_longer_there(node: Any) -> None:
    name = next(n for n in node["properties"] if n not in (node.get("required") or ()))
    del node["properties"][name]


def _other_type(node: Any) -> None:
    node["type"] = "boolean"
    for word in ("format", "default", "minimum", "maximum", "pattern", "minLength", "maxLength"):
        node.pop(word, None)


def _required_names(node: Any) -> bool:
    names = node.get("required")
    return isinstance(names, list) and bool(set(names) & set(node.get("properties") or ()))


def _fewer_required(node: Any) -> None:
    gone = next(n for n in node["required"] if n in node["properties"])
    node["required"] = [n for n in node["required"] if n != gone]


def _texts(node: Any) -> bool:
    values = node.get("enum")
    return isinstance(values, list) and len(values) > 1 and all(isinstance(v, str) for v in values)


def _one_of(node: Any) -> bool:
    return isinstance(node.get("oneOf"), list) and "discriminator" not in node


def _mapped(node: Any) -> bool:
    return bool((node.get("discriminator") or {}).get("mapping"))


def _remapped(node: Any) -> None:
    node["discriminator"]["mapping"]["another"] = next(
        iter(node["discriminator"]["mapping"].values())
    )


def _scoped(node: Any) -> bool:
    return any(scopes for one in node.get("security") or () for scopes in one.values())


def _more_scope(node: Any) -> None:
    next(s for one in node["security"] for s in one.values() if s).append("another:scope")


def _form(node: Any) -> bool:
    return any("form" in media for media in node.get("content") or ())


def _encoded(node: Any) -> None:
    media = next(media for media in node["content"] if "form" in media)
    schema = node["content"][media].get("schema") or {}
    name = next(iter(schema.get("properties") or {"file": {}}))
    node["content"][media]["encoding"] = {name: {"contentType": "image/png"}}


def _statuses(node: Any) -> bool:
    return len(node.get("responses") or ()) > 1


def _fewer_statuses(node: Any) -> None:
    del node["responses"][list(node["responses"])[-1]]


def _spoken(node: Any) -> None:
    said = "Available for **Staff and Directory tokens**."
    node["description"] = f"{node.get('description', '')}\n\n{said}"


def _silent(node: Any) -> bool:
    return "token" not in str(node.get("description", "")).lower()


CALLBACK = {"{$request.body#/url}": {"post": {"responses": {"200": {"description": "ok"}}}}}
CONSTRAINT = "constraint-added"
TEXT, OBJECT, LIST, NUMBER = ("string",), ("object",), ("array",), ("integer", "number")
MUTATIONS = [
    new_word("minProperties", "bound-changed", 3, *OBJECT),
    new_word("maxProperties", "bound-changed", 30, *OBJECT),
    new_word("patternProperties", CONSTRAINT, {"^p-": {"type": "integer"}}, *OBJECT),
    new_word("propertyNames", CONSTRAINT, {"maxLength": 50}, *OBJECT),
    new_word("dependentRequired", CONSTRAINT, {"aa": ["bb"]}, *OBJECT),
    new_word("dependentSchemas", CONSTRAINT, {"aa": {"required": ["bb"]}}, *OBJECT),
    on("if/then", "schema", CONSTRAINT, lacks("if", *OBJECT),
       lambda node: node.update({"if": {"required": ["aa"]}, "then": {"required": ["bb"]}})),
    on("if/else", "schema", CONSTRAINT, lacks("if", *OBJECT),
       lambda node: node.update({"if": {"required": ["aa"]}, "else": {"required": ["bb"]}})),
    new_word("unevaluatedProperties", CONSTRAINT, False, *OBJECT),
    new_word("additionalProperties", "additional-properties-closed", False, *OBJECT),
    new_word("not", CONSTRAINT, {"enum": ["zz"]}, *TEXT),
    new_word("prefixItems", CONSTRAINT, [{"type": "string"}], *LIST),
    new_word("contains", CONSTRAINT, {"type": "string"}, *LIST),
    new_word("unevaluatedItems", CONSTRAINT, False, *LIST),
    new_word("minItems", "bound-changed", 2, *LIST),
    new_word("maxItems", "bound-changed", 77, *LIST),
    new_word("uniqueItems", "bound-changed", True, *LIST),
    new_word("contentEncoding", "content-changed", "base16", *TEXT),
    new_word("contentMediaType", "content-changed", "image/png", *TEXT),
    new_word("minLength", "bound-changed", 3, *TEXT),
    new_word("maxLength", "bound-changed", 33, *TEXT),
    new_word("pattern", "pattern-changed", "^z", *TEXT),
    new_word("format", "format-changed", "uuid", *TEXT),
    new_word("minimum", "bound-changed", -5, *NUMBER),
    new_word("maximum", "bound-changed", 555, *NUMBER),
    new_word("exclusiveMinimum in 3.1", "bound-changed", -5, *NUMBER, word="exclusiveMinimum"),
    new_word("multipleOf", "bound-changed", 7, *NUMBER),
    new_word("default", "default-changed", "zz", *TEXT),
    new_word("enum", "enum-added", ["zz", "yy"], *TEXT),
    new_word("const", "enum-added", "zz", *TEXT),
    new_word("x-extensible-enum", "known-value-added", ["zz"], *TEXT),
    new_word("readOnly", "read-only-added", True, *TEXT),
    new_word("writeOnly", "write-only-added", True, *TEXT),
    new_word("deprecated field", "deprecated", True, *TEXT, word="deprecated"),
    Mutation("nullable", "schema", lacks("nullable", *TEXT), sets("nullable", True),
             frozenset({"nullable-added"}), "3.0"),
    on("another type", "schema", "type-changed", typed("string", "integer"), _other_type),
    on("enum value added", "schema", "enum-value-added", _texts, lambda n: n["enum"].append("zz")),
    on("enum value removed", "schema", "enum-value-removed", _texts, lambda n: n["enum"].pop()),
    on("a name leaves required", "schema", "required-removed", _required_names, _fewer_required),
    on("property added", "schema", "field-added", lambda n: bool(n.get("properties")),
       lambda node: node["properties"].update({"zz_new": {"type": "string"}})),
    on("property removed", "schema", "field-removed", _unrequired, _no_longer_there),
    on("discriminator", "schema", "discriminator-changed", _one_of,
       sets("discriminator", {"propertyName": "kind"})),
    on("discriminator mapping", "schema", "discriminator-value-added", _mapped, _remapped),
    on("oneOf branch", "schema", "variant-added",
       lambda node: isinstance(node.get("oneOf"), list) and len(node["oneOf"]) > 1,
       lambda node: node["oneOf"].append({"type": "object", "title": "Zz", "required": ["zz"],
                                          "properties": {"zz": {"type": "string"}}})),
    on("parameter required", "parameter", "required-added",
       lambda node: not node.get("required"), sets("required", True)),
    on("parameter style", "parameter", "style-changed",
       lambda node: node.get("in") == "query" and not {"style", "explode"} & set(node)
       and (node.get("schema") or {}).get("type") == "array", sets("style", "pipeDelimited")),
    on("request body required", "body", "required-added",
       lambda node: not node.get("required"), sets("required", True)),
    on("encoding of a form", "body", "encoding-changed", _form, _encoded),
    on("request media type", "body", "media-type-added", lambda node: bool(node.get("content")),
       lambda node: node["content"].update({"application/zz": {"schema": {"type": "string"}}})),
    on("response header", "response", "header-added", lambda node: True,
       lambda node: node.setdefault("headers", {}).update(
           {"X-Zz": {"required": True, "schema": {"type": "string"}}})),
    on("response header required", "header", "required-added",
       lambda node: not node.get("required"), sets("required", True)),
    on("link", "response", "link-added", lambda node: not node.get("links"),
       sets("links", {"zz": {"operationId": "zz"}})),
    on("callback", "operation", "callback-added", lambda node: not node.get("callbacks"),
       sets("callbacks", {"zz": CALLBACK})),
    on("status removed", "operation", "status-removed", _statuses, _fewer_statuses),
    on("operation deprecated", "operation", "deprecated", lambda node: not node.get("deprecated"),
       sets("deprecated", True)),
    on("sunset", "operation", "lifecycle-changed", lambda node: "x-sunset" not in node,
       sets("x-sunset", "2030-01-01")),
    on("stability", "operation", "lifecycle-changed", lambda node: "x-stability-level" not in node,
       sets("x-stability-level", "beta")),
    on("token sentence", "operation", "token-added", _silent, _spoken),
    on("no security", "operation", "security-removed",
       lambda node: any(node.get("security") or ()) and {} not in node["security"],
       sets("security", [])),
    on("scope", "operation", "scope-added", _scoped, _more_scope),
    on("alternative of security", "operation", "security-alternative-added",
       lambda node: any(node.get("security") or ()) and {} not in node["security"],
       lambda node: node["security"].append({"zz_key": []})),
    on("operation removed", "item", "operation-removed", lambda node: "get" in node,
       lambda node: _drop(node, "get")),
    on("trailing slash", "paths", "trailing-slash-changed",
       lambda node: not next(iter(node)).endswith("/"),
       lambda node: node.update({next(iter(node)) + "/": node.pop(next(iter(node)))})),
    on("webhook", "root", "webhook-added", lambda node: "openapi" in node,
       lambda node: node.setdefault("webhooks", {}).update(
           {"zzHook": {"post": {"responses": {"200": {"description": "ok"}}}}})),
    on("webhook removed", "root", "webhook-removed", lambda node: bool(node.get("webhooks")),
       lambda node: _drop(node["webhooks"], next(iter(node["webhooks"])))),
]  # fmt: skip


def places(root: Any) -> Iterator[Place]:
    """What the operations of a document use, each node once."""
    yield Place("root", (), root)
    paths = root.get("paths") or {}
    if paths:
        yield Place("paths", ("paths",), paths)
    seen: set[Way] = set()
    for path, item in paths.items():
        if not isinstance(item, dict):
            continue
        if "$ref" not in item:
            yield Place("item", ("paths", path), item)
        for method in METHODS:
            if isinstance(item.get(method), dict):
                yield from _operation(root, ("paths", path, method), item[method], seen)


def _operation(root: Any, way: Way, node: Any, seen: set[Way]) -> Iterator[Place]:
    yield Place("operation", way, node)
    for number, one in enumerate(node.get("parameters") or ()):
        at, parameter = follow(root, (*way, "parameters", number), one)
        if at not in seen and isinstance(parameter, dict) and parameter.get("in") != "path":
            seen.add(at)
            if parameter.get("in") == "body":
                yield from _schema(root, (*at, "schema"), parameter.get("schema"), seen)
                continue
            yield Place("parameter", at, parameter)
    if "requestBody" in node:
        at, body = follow(root, (*way, "requestBody"), node["requestBody"])
        if at not in seen:
            seen.add(at)
            yield Place("body", at, body)
            yield from _content(root, at, body, seen)
    for status, one in (node.get("responses") or {}).items():
        at, answer = follow(root, (*way, "responses", status), one)
        if at in seen or not isinstance(answer, dict):
            continue
        seen.add(at)
        yield Place("response", at, answer)
        for name, header in (answer.get("headers") or {}).items():
            where, found = follow(root, (*at, "headers", name), header)
            if where not in seen:
                seen.add(where)
                yield Place("header", where, found)
        yield from _content(root, at, answer, seen)


def _content(root: Any, way: Way, node: Any, seen: set[Way]) -> Iterator[Place]:
    if "schema" in node:
        yield from _schema(root, (*way, "schema"), node["schema"], seen)
    for media, one in (node.get("content") or {}).items():
        if isinstance(one, dict):
            yield from _schema(root, (*way, "content", media, "schema"), one.get("schema"), seen)


def _schema(root: Any, way: Way, node: Any, seen: set[Way]) -> Iterator[Place]:
    pending = [(way, node)]
    while pending:
        way, node = follow(root, *pending.pop())
        if way in seen or not isinstance(node, dict):
            continue
        seen.add(way)
        yield Place("schema", way, node)
        for name, below in (node.get("properties") or {}).items():
            pending.append(((*way, "properties", name), below))
        pending.append(((*way, "items"), node.get("items")))


def follow(root: Any, way: Way, node: Any) -> tuple[Way, Any]:
    """Where a node stands behind its references inside the document."""
    for _ in range(20):
        reference = node.get("$ref") if isinstance(node, dict) else None
        if not isinstance(reference, str) or not reference.startswith("#/"):
            return way, node
        way = tuple(t.replace("~1", "/").replace("~0", "~") for t in reference[2:].split("/"))
        node = at(root, way)
    return way, node


def at(root: Any, way: Way) -> Any:
    for step in way:
        if isinstance(root, list):
            root = root[int(step)] if int(step) < len(root) else None
        else:
            root = root.get(step) if isinstance(root, dict) else None
    return root


def pointer(way: Way) -> str:
    return "".join("/" + str(t).replace("~", "~0").replace("/", "~1") for t in way)


def named(root: Any, changes: Sequence[Change], mutation: Mutation, way: Way) -> bool:
    """Whether the changes say the mutation, all the mutation, and nothing but the mutation."""
    return bool(changes) and all(
        change.kind in mutation.kinds and _stands(root, change, way) for change in changes
    )


def _stands(root: Any, change: Change, way: Way) -> bool:
    """A change may stand at what is mutated, below it, or at what is made of it."""
    place = pointer(way)
    if change.place == "token" and len(way) == 3:  # told where the requirement stands
        return change.operation.path.endswith(way[1]) and change.operation.method.lower() == way[2]
    found = [one.pointer for one in (change.old_location, change.new_location) if one is not None]
    return any(
        one.startswith(place) or place.startswith(one) or way in _made_of(root, one)
        for one in found
    )


def _made_of(root: Any, place: str) -> set[Way]:
    """What the schema at a place refers to and is composed of."""
    start = tuple(t.replace("~1", "/").replace("~0", "~") for t in place.split("/")[1:])
    pending, seen = [(start, at(root, start))], set[Way]()
    while pending:
        way, node = follow(root, *pending.pop())
        if way in seen or not isinstance(node, dict):
            continue
        seen.add(way)
        for word in ("allOf", "anyOf", "oneOf"):
            pending += [((*way, word, n), one) for n, one in enumerate(node.get(word) or ())]
    return seen


def shown(change: Change) -> str:
    where = change.new_location or change.old_location
    return f"{change.kind} {change.operation} {change.text[:90]} {where and where.pointer}"


class Bench:
    """One document: its copy on disk, and copies with one mutation each."""

    def __init__(self, data: Any, folder: Path) -> None:
        self.data, self.folder = data, folder
        self.old = self.load("old", data)
        self.places = list(places(data))

    def load(self, name: str, data: Any) -> Portal:
        path = self.folder / f"{name}.json"
        path.write_text(json.dumps(data, default=str))
        return Portal((load_document(path, validate=False),))

    def candidates(self, mutation: Mutation) -> list[Place]:
        if not str(self.data.get("openapi", "")).startswith(mutation.version):
            return []
        return [p for p in self.places if p.what == mutation.what and mutation.fits(p.node)]

    def told(self, mutation: Mutation, place: Place) -> tuple[Change, ...]:
        made = copy.deepcopy(self.data)
        mutation.edit(at(made, place.way))
        return diff_portals(self.old, self.load("new", made))


def run(data: Any, each: int, used: Counter[str], draw: random.Random) -> tuple[int, list[str]]:
    """How many mutations of one document were named exactly, and what is wrong with the others."""
    wrong: list[str] = []
    done = 0
    with tempfile.TemporaryDirectory() as folder, paused():
        bench = Bench(data, Path(folder))
        same = diff_portals(bench.old, bench.load("new", data))
        wrong += [f"compared with itself: {shown(change)}" for change in same[:5]]
        for mutation in sorted(MUTATIONS, key=lambda one: (used[one.name], draw.random())):
            candidates = bench.candidates(mutation) if done < each else []
            if not candidates:
                continue
            place = draw.choice(candidates)
            done += 1
            used[mutation.name] += 1
            told = bench.told(mutation, place)
            if not named(data, told, mutation, place.way):
                wrong.append(f"{mutation.name} at {pointer(place.way)}")
                wrong += [f"    {shown(change)}" for change in told[:5]] or ["    nothing"]
    return done, wrong


def documents(files: Sequence[str], folder: Path) -> Iterator[tuple[str, Any]]:
    paths = [
        path
        for name in files
        for path in (sorted(Path(name).rglob("*")) if Path(name).is_dir() else [Path(name)])
        if path.is_file() and (path.stat().st_size >= MIN_BYTES or str(path) == name)
    ]
    for package, version, member in () if files else PACKAGES:
        room = folder / package.replace("/", "_")
        room.mkdir(exist_ok=True)
        paths.append(fetch(package, version, member, room))
    for path in paths:
        data = read(path)
        if isinstance(data, dict) and (data.get("paths") or data.get("webhooks")):
            yield str(path.relative_to(folder) if path.is_relative_to(folder) else path), data


def read(path: Path) -> Any:
    """The data of a JSON or YAML file; None for any other."""
    try:
        if path.suffix == ".json":
            return json.loads(path.read_bytes())
        if path.suffix in (".yaml", ".yml"):
            loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
            return json.loads(json.dumps(yaml.load(path.read_bytes(), loader), default=str))
    except (ValueError, yaml.YAMLError, TypeError):
        return None
    return None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("files", nargs="*")
    parser.add_argument("--each", type=int, default=10)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    used: Counter[str] = Counter()
    draw = random.Random(options.seed)
    total, right = 0, 0
    with tempfile.TemporaryDirectory() as folder:
        for name, data in documents(options.files, Path(folder)):
            done, wrong = run(data, options.each, used, draw)
            missed = sum(1 for line in wrong if not line.startswith("    "))
            total, right = total + done, right + done - missed
            print(f"{done - missed} of {done} named exactly: {name}", flush=True)
            print("".join(f"  {line}\n" for line in wrong), end="", flush=True)
    left = [mutation.name for mutation in MUTATIONS if not used[mutation.name]]
    print(f"{right} of {total} named exactly; {len(MUTATIONS) - len(left)} kinds of mutation")
    print("no place found for: " + (", ".join(left) or "none"))


if __name__ == "__main__":
    main()
