"""The sandbox's documents: valid but for the planted mistake, and true but for planted drift."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from document_files import load, load_all
from openapi_spec_validator import validate

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
SWAGGER, TRUTHFUL = ROOT / "swagger", HERE / "truthful"
TRUTH = json.loads((HERE / "truth.json").read_text(encoding="utf-8"))
PLANTED_INVALID = "communication/legacy/communication.json"


ALL = [(root, name) for root in (SWAGGER, TRUTHFUL) for name in load_all(root)]


@pytest.mark.parametrize(("root", "name"), ALL, ids=lambda v: getattr(v, "name", v))
def test_valid(root: Path, name: str) -> None:
    document = load(root / name)
    if root == SWAGGER and name == PLANTED_INVALID:
        with pytest.raises(Exception, match="components"):
            validate(document)
        del document["components"]
    validate(document)


def test_both_sets_have_the_same_files() -> None:
    assert set(load_all(SWAGGER)) == set(load_all(TRUTHFUL))
    assert (SWAGGER / "driftcheck.toml").read_text("utf-8") == (
        TRUTHFUL / "driftcheck.toml"
    ).read_text("utf-8")


def resolved(document: Any, node: Any, depth: int = 0) -> Any:
    """A node with its local references replaced by what they refer to."""
    if isinstance(node, list):
        return [resolved(document, child, depth) for child in node]
    if not isinstance(node, dict) or depth > 20:
        return node
    if "$ref" in node:
        target = document
        for token in node["$ref"].split("/")[1:]:
            target = target[token]
        return resolved(document, target, depth + 1)
    return {key: resolved(document, child, depth) for key, child in node.items()}


def operations(document: Any) -> Iterator[tuple[str, Any]]:
    base = document.get("basePath", "")
    if "servers" in document:
        base = document["servers"][0]["url"].partition(".com")[2]
    for path, item in document["paths"].items():
        for method, operation in item.items():
            yield f"{method.upper()} {base}{path}", resolved(document, operation)


def test_only_planted_operations_differ() -> None:
    """An operation that isn't in the truth file reads the same in both sets, words aside."""
    planted = {op for e in TRUTH for op in (e["operation"], *e.get("also_operations", ()))}
    drifted, truthful = load_all(SWAGGER), load_all(TRUTHFUL)
    differ = set()
    for name, document in drifted.items():
        ours, theirs = dict(operations(document)), dict(operations(truthful[name]))
        differ |= {key for key in {*ours, *theirs} if ours.get(key) != theirs.get(key)}
    assert differ <= planted


def test_truth_file() -> None:
    places = {"body", "query", "path", "header", "cookie", "response"}
    places |= {"token", "workflow", "operation", "document"}
    for entry in TRUTH:
        assert {"rule", "operation", "field", "documented", "observed", "severity"} <= set(entry)
        assert entry["severity"] in ("critical", "major", "minor")
        for field in (entry["field"], *(a["field"] for a in entry.get("alternatives", ()))):
            assert field["in"] in places and isinstance(field["name"], str)
            assert isinstance(field.get("status", 200), int)
        if entry["field"]["in"] == "document":
            assert entry["operation"] == "" and (SWAGGER / entry["file"]).is_file()
            continue
        method, _, path = entry["operation"].partition(" ")
        assert method.isupper() and path.startswith("/")


def test_every_rule_is_planted() -> None:
    rules = {path.stem.replace("_", "-") for path in (ROOT / "checker/drift/rules").glob("[a-z]*")}
    # Two versions behind one address would silence all the others: they have servers of their
    # own (tests/live/test_unsteady_targets.py).
    elsewhere = {"answers-inconsistent"}
    planted = {entry["rule"] for entry in TRUTH} | elsewhere
    assert rules - {"--init--", "--pycache--"} <= planted


@pytest.mark.parametrize("root", [SWAGGER, TRUTHFUL], ids=["drifted", "truthful"])
def test_records_name_served_operations(root: Path) -> None:
    documented = {key for document in load_all(root).values() for key, _ in operations(document)}
    records = sorted(root.rglob("workflows/*.md"))
    assert records
    for record in records:
        front = yaml.safe_load(record.read_text(encoding="utf-8").split("---")[1])
        if root == SWAGGER and front["endpoint"] == "GET /platform/v1/staffs":
            continue
        assert front["endpoint"] in documented, record.name
