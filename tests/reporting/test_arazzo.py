"""Workflow records as Arazzo."""

from __future__ import annotations

from checker.documents.workflow import parse_record
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
