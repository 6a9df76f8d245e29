"""Patches that say what they rely on: they fit where they were made for, or nowhere."""

from __future__ import annotations

import copy
import json
import random
from typing import Any

import pytest
import yaml
from report_samples import make_finding

from checker.domain.location import Location
from checker.fixing import fix_text
from checker.fixing.apply import Fixed
from checker.fixing.json_patch import Operation, applied, get, parse_pointer
from checker.fixing.sealed import seal

POST = "/paths/~1a/post"
SCHEMA = f"{POST}/requestBody/content/application~1json/schema"
DOCUMENT: dict[str, Any] = {
    "openapi": "3.0.3",
    "info": {"title": "T", "version": "1"},
    "paths": {
        "/a": {
            "post": {
                "operationId": "makeA",
                "description": "Makes an a.",
                "parameters": [
                    {"name": "one", "in": "query", "schema": {"type": "string"}},
                    {"name": "two", "in": "query", "schema": {"type": "string"}},
                    {"name": "two", "in": "header", "schema": {"type": "integer"}},
                ],
                "requestBody": {
                    "content": {
                        "application/json": {
                            "schema": {
                                "type": "object",
                                "required": ["x", "y"],
                                "properties": {
                                    "x": {"type": "string", "enum": ["a", "b", "c"]},
                                    "y": {"type": "string", "default": "q"},
                                },
                            }
                        }
                    }
                },
                "responses": {"200": {"description": "fine"}},
            }
        }
    },
}
PATCHES: dict[str, list[dict[str, Any]]] = {
    "a name more": [{"op": "add", "path": f"{SCHEMA}/required/-", "value": "z"}],
    "a name less": [{"op": "remove", "path": f"{SCHEMA}/required/0"}],
    "a value less": [{"op": "remove", "path": f"{SCHEMA}/properties/x/enum/2"}],
    "a value more": [{"op": "add", "path": f"{SCHEMA}/properties/x/enum/-", "value": "d"}],
    "another default": [{"op": "add", "path": f"{SCHEMA}/properties/y/default", "value": "r"}],
    "a parameter required": [{"op": "add", "path": f"{POST}/parameters/1/required", "value": True}],
    "a parameter's type": [
        {"op": "replace", "path": f"{POST}/parameters/2/schema/type", "value": "string"}
    ],
    "a sentence": [
        {"op": "add", "path": f"{POST}/description", "value": "Makes an a. Needs b."},
        {"op": "add", "path": f"{POST}/x-driftcheck", "value": {"told": {"r": ["body x"]}}},
    ],
    "a response": [
        {"op": "add", "path": f"{POST}/responses/422", "value": {"description": "Wrong."}}
    ],
    "a field": [{"op": "add", "path": f"{SCHEMA}/properties/n", "value": {"type": "string"}}],
    "a parameter gone": [{"op": "remove", "path": f"{POST}/parameters/0"}],
}


def patched(text: str, *patches: Any) -> Fixed:
    findings = [
        make_finding(patch=tuple(patch), source=Location("f"), fingerprint=str(number))
        for number, patch in enumerate(patches)
    ]
    return fix_text("f", text, findings)


def as_json(document: Any) -> str:
    return json.dumps(document, indent=2)


@pytest.mark.parametrize("name", PATCHES)
def test_a_patch_starts_with_what_it_relies_on(name: str) -> None:
    steps = seal(PATCHES[name], DOCUMENT)
    kinds = [step["op"] for step in steps]
    assert kinds[0] == "test" and "test" not in kinds[kinds.index(kinds[-1]) :]
    now: Any = DOCUMENT
    for step in steps:  # as any JSON Patch tool does it
        tokens = parse_pointer(step["path"])
        if step["op"] == "test":
            assert get(now, tokens) == step["value"]
        else:
            now = applied(now, Operation(step["op"], tokens, step.get("value")))
    (ours,) = [json.loads(patched(as_json(DOCUMENT), steps).after)]
    assert ours == now != DOCUMENT


@pytest.mark.parametrize("name", PATCHES)
def test_applied_twice_is_already_there(name: str) -> None:
    steps = seal(PATCHES[name], DOCUMENT)
    once = patched(as_json(DOCUMENT), steps)
    twice = patched(once.after, steps)
    assert (len(once.applied), len(twice.already)) == (1, 1)
    assert twice.after == once.after and not twice.skipped


def test_all_of_them_twice() -> None:
    every = [seal(patch, DOCUMENT) for patch in PATCHES.values()]
    once = patched(as_json(DOCUMENT), *every)
    assert len(once.applied) == len(every)
    twice = patched(once.after, *every)
    assert twice.after == once.after and len(twice.already) == len(every)
    post = json.loads(once.after)["paths"]["/a"]["post"]
    schema = post["requestBody"]["content"]["application/json"]["schema"]
    assert schema["required"] == ["y", "z"]
    assert schema["properties"]["x"]["enum"] == ["a", "b", "d"]


def test_an_item_is_found_where_it_stands_now() -> None:
    steps = seal(PATCHES["a parameter required"], DOCUMENT)
    document = copy.deepcopy(DOCUMENT)
    document["paths"]["/a"]["post"]["parameters"].reverse()
    after = json.loads(patched(as_json(document), steps).after)
    told = [
        (p["name"], p["in"]) for p in after["paths"]["/a"]["post"]["parameters"] if "required" in p
    ]
    assert told == [("two", "query")]


def test_what_has_changed_since_is_refused_and_the_others_are_applied() -> None:
    document = copy.deepcopy(DOCUMENT)
    post = document["paths"]["/a"]["post"]
    post["requestBody"]["content"]["application/json"]["schema"]["properties"]["y"]["default"] = "s"
    post["responses"]["422"] = {"description": "Ours."}
    names = ["another default", "a response", "a field"]
    fixed = patched(as_json(document), *(seal(PATCHES[name], DOCUMENT) for name in names))
    assert [why for _, why in fixed.skipped] == [
        f"{SCHEMA}/properties/y/default isn't as it was when the report was written",
        "there is another '422' by now",
    ]
    assert [f.fingerprint for f in fixed.applied] == ["2"]


def test_a_name_that_somebody_has_taken_out_takes_no_other_with_it() -> None:
    document = copy.deepcopy(DOCUMENT)
    schema = document["paths"]["/a"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    schema["required"] = ["y"]
    fixed = patched(as_json(document), seal(PATCHES["a name less"], DOCUMENT))
    assert fixed.already and fixed.after == fixed.before


def test_a_judge_keeps_out_what_makes_a_document_worse() -> None:
    def judge(text: str) -> frozenset[str]:
        return frozenset({"An n."} if '"n"' in text else ())

    findings = [
        make_finding(patch=seal(PATCHES[name], DOCUMENT), source=Location("f"), fingerprint=name)
        for name in ("a field", "a response")
    ]
    fixed = fix_text("f", as_json(DOCUMENT), findings, judge)
    assert [f.fingerprint for f in fixed.applied] == ["a response"]
    assert [why for _, why in fixed.skipped] == ["the document would be invalid: An n."]


# --- documents that somebody has written over


def shuffled(node: Any, chance: random.Random) -> Any:
    """The same with members and items in another order."""
    if isinstance(node, dict):
        names = list(node)
        chance.shuffle(names)
        return {name: shuffled(node[name], chance) for name in names}
    if isinstance(node, list):
        items = [shuffled(item, chance) for item in node]
        chance.shuffle(items)
        return items
    return node


def meaning(node: Any) -> Any:
    """A document without the order of lists in which it doesn't matter."""
    if isinstance(node, dict):
        return {name: meaning(value) for name, value in node.items()}
    if isinstance(node, list):
        return sorted((meaning(item) for item in node), key=lambda v: json.dumps(v, sort_keys=True))
    return node


def tabs(document: Any) -> str:
    return json.dumps(document, indent="\t")


def crlf(document: Any) -> str:
    return json.dumps(document, indent=3).replace("\n", "\r\n")


def minified(document: Any) -> str:
    return json.dumps(document, separators=(",", ":"))


def block_yaml(document: Any) -> str:
    return yaml.safe_dump(document, sort_keys=False)


def flow_yaml(document: Any) -> str:
    return yaml.safe_dump(document, sort_keys=False, default_flow_style=True, width=60)


def commented(document: Any) -> str:
    lines = yaml.safe_dump(document, sort_keys=False, indent=4).splitlines()
    return "".join(f"{line}  # line {n}\r\n" for n, line in enumerate(lines))


def with_anchors(document: Any) -> str:
    """Equal objects are one, with aliases."""
    known: dict[str, Any] = {}

    def one(node: Any) -> Any:
        if isinstance(node, dict):
            made: Any = {k: one(v) for k, v in node.items()}
        elif isinstance(node, list):
            made = [one(v) for v in node]
        else:
            return node
        return known.setdefault(json.dumps(made, sort_keys=True), made)

    return yaml.safe_dump(one(document), sort_keys=False)


def reading(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return yaml.safe_load(text)


WRITERS = [as_json, tabs, crlf, minified, block_yaml, flow_yaml, commented, with_anchors]


@pytest.mark.parametrize("writer", WRITERS, ids=lambda w: w.__name__)
def test_written_over_every_patch_does_the_right_thing_or_is_refused(writer: Any) -> None:
    chance = random.Random(writer.__name__)
    done = 0
    for _ in range(12):
        text = writer(shuffled(DOCUMENT, chance))
        for patch in PATCHES.values():
            wanted: Any = DOCUMENT
            for step in patch:
                tokens = parse_pointer(step["path"])
                wanted = applied(wanted, Operation(step["op"], tokens, step.get("value")))
            fixed = patched(text, seal(patch, DOCUMENT))
            if fixed.skipped:
                assert fixed.after == text
                continue
            done += 1
            assert meaning(reading(fixed.after)) == meaning(wanted)
            assert patched(fixed.after, seal(patch, DOCUMENT)).after == fixed.after
            _same_outside(text, fixed.after)
    assert done > 80, "an order and a style alone are no reason to refuse"


def _same_outside(before: str, after: str) -> None:
    """Line ends and comments stay what they were."""
    assert ("\r\n" in before) == ("\r\n" in after)
    if "\r\n" in before:
        assert "\n" not in after.replace("\r\n", "")
    lost = [line for line in before.splitlines() if "#" in line and line not in after]
    assert len(lost) <= 6


@pytest.mark.parametrize(
    ("before", "wanted", "now", "there"),
    [
        ("date-time", "date", "date-time", False),
        ("date-time", "date", "date", True),
        ("x", "Lists a.", "Lists a. And more.", True),
        ("x", "Lists a", "Lists as", None),
        ("Lists a.", "Lists a. For staff.", "Lists a.", False),
        ("Lists a.", "Lists a. For staff.", "Lists a. Fast. For staff.", True),
    ],
)
def test_what_begins_alike_is_not_there_yet(
    before: str, wanted: str, now: str, there: bool | None
) -> None:
    """Of a value that is another one's beginning, and of words that others went on with."""
    step = {"op": "replace", "path": "/info/title", "value": wanted}
    patch = seal([step], {"info": {"title": before}})
    finding = make_finding(patch=patch, source=Location("a.json"))
    fixed = fix_text("a.json", json.dumps({"info": {"title": now}}), [finding])
    assert bool(fixed.already) is bool(there)
    assert bool(fixed.applied) is (there is False) and bool(fixed.skipped) is (there is None)
