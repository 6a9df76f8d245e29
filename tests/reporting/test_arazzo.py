"""Workflow records as Arazzo."""

from __future__ import annotations

import json
import re

from checker.documents.workflow import parse_record
from checker.domain.location import Location
from checker.domain.operation import DocumentInfo, Operation, OperationId
from checker.reporting.arazzo import arazzo

RECORD = """---
endpoint: PUT /things/{id}
swagger: docs/things.json
tokens: [staff]
---
# Change

## Prerequisites
```yaml
steps:
  - id: make
    method: POST
    path: /things
    body: {name: "n-{{random_string}}"}
    extract:
      thing_id: "$.data.thing['id']"
      other: "$.items[?(@.a=='b')].id"
    expect:
      status: [200, 201]
    sleep: 10
```

## Test Request
```yaml
steps:
  - id: change it
    method: PUT
    path: "/things/{{thing_id}}"
    params: {v: "{{version}}"}
    onFail: continue
```
"""


def operations(*names: str) -> dict[OperationId, Operation]:
    ids = [OperationId.parse(name) for name in names]
    info = DocumentInfo("api.json", "3.0")
    return {i: Operation(i, info, Location("api.json"), path_template=i.path) for i in ids}


def test_steps_refer_to_each_other_and_to_the_document() -> None:
    record, problems = parse_record(RECORD, "r.md")
    assert not problems
    content = arazzo([record], {})
    assert content["arazzo"].startswith("1.0")
    (source,) = content["sourceDescriptions"]
    assert source["url"] == "docs/things.json"
    (workflow,) = content["workflows"]
    assert set(workflow["inputs"]["properties"]) == {"random_string", "version"}
    make, change = workflow["steps"]
    assert make["outputs"] == {"thing_id": "$response.body#/data/thing/id"}
    assert make["x-driftcheck"]["extract"] == {"other": "$.items[?(@.a=='b')].id"}
    assert make["requestBody"]["payload"] == {"name": "n-{$inputs.random_string}"}
    assert make["successCriteria"] == [{"condition": "$statusCode == 200 || $statusCode == 201"}]
    assert change["stepId"] == "change-it"
    assert change["operationPath"] == (
        "{$sourceDescriptions.source1.url}#/paths/~1things~1{thing_id}/put"
    )
    assert change["parameters"] == [
        {"name": "thing_id", "in": "path", "value": "$steps.make.outputs.thing_id"},
        {"name": "v", "in": "query", "value": "$inputs.version"},
    ]
    assert "onFailure" not in change and "onFailure" in make


def test_nothing_dangles() -> None:
    """A name that Arazzo can't extract is an input that says so; steps of no document are left
    out with their reason, and what they extract are inputs."""
    text = RECORD.replace('params: {v: "{{version}}"}', 'params: {v: "{{other}}", w: "{{gone}}"}')
    text = text.replace(
        "steps:\n  - id: make",
        'steps:\n  - {id: lost, method: GET, path: /lost, extract: {gone: "$.id"}}\n  - id: make',
    )
    record, _ = parse_record(text, "r.md")
    known = operations("POST /things", "PUT /things/{id}")
    content = arazzo([record], known)
    (workflow,) = content["workflows"]
    assert [step["stepId"] for step in workflow["steps"]] == ["make", "change-it"]
    assert workflow["x-driftcheck"]["steps"] == [
        {"id": "lost", "reason": "no document has GET /lost"}
    ]
    inputs = workflow["inputs"]["properties"]
    assert "no JSON Pointer" in inputs["other"]["description"]
    assert "no document has GET /lost" in inputs["gone"]["description"]
    values = {p["name"]: p["value"] for p in workflow["steps"][1]["parameters"]}
    assert (values["v"], values["w"]) == ("$inputs.other", "$inputs.gone")
    declared = {
        f"$steps.{step['stepId']}.outputs.{name}"
        for step in workflow["steps"]
        for name in step.get("outputs", {})
    }
    assert set(re.findall(r"\$steps\.[\w.-]+", json.dumps(workflow))) <= declared
    assert [source["url"] for source in content["sourceDescriptions"]] == ["api.json"]


def test_an_output_that_is_extracted_anew_without_a_pointer_is_gone() -> None:
    step = '  - {id: again, method: POST, path: /things, extract: {thing_id: "$..id"}}'
    again = f"\n{step}\n```\n\n## Test"
    record, _ = parse_record(RECORD.replace("\n```\n\n## Test", again), "r.md")
    (workflow,) = arazzo([record], {})["workflows"]
    last = workflow["steps"][-1]
    assert last["parameters"][0]["value"] == "$inputs.thing_id"


def test_a_document_that_is_not_there_is_no_source() -> None:
    record, _ = parse_record(RECORD, "r.md")
    content = arazzo([record], {}, lambda file, record: None)
    assert (content["workflows"], content["sourceDescriptions"]) == ([], [])
    assert content["x-driftcheck"]["leftOut"][0]["record"] == "r.md"
