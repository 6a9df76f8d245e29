"""Prose pages: tables of every kind, Markdown, HTML and flattened text."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from checker.documents.prose import load_page, read_page
from checker.documents.prose_endpoints import endpoints_in
from checker.documents.prose_flat import split_header, split_row
from checker.documents.prose_tables import json_type_of, required_of
from checker.domain.portal import Page
from checker.errors import DocumentError

MARKDOWN = """---
title: Orders
---
# Orders

## Create an order

`POST /v1/orders` creates one.

### Request body

| Field | Type | Required | Description |
|-------|------|----------|-------------|
| `title` | string | Yes | The title |
| count | integer | No | How many |
| kind | string | No | One of `small`, `large` |
| lines | array of objects | maybe | The lines |

### Response

| Field | Type | Description |
|---|---|---|
| id | string | Its id |
| state | string | One of: `open`, `closed` |

### Statuses

| Status | Meaning |
|---|---|
| 201 | made |
| 422 | bad |

## Endpoints

| What | Endpoint |
|---|---|
| List | `GET /v1/orders` |
| Remove | DELETE https://api.example.com/v1/orders/:id |

## Support

| Feature | Web | App |
|---|---|---|
| Lists | ✓ | ✗ |
| Search | ✓ | ✓ |
"""

FLAT = """Skip to main content

Sending parcels

Base structure

{
"sender": "<id>",
"items": [ ... ]
}
FieldTypeRequiredDescription
senderstringId of the sender
integer_codeintegerA code
itemsarrayWhat is sent
fragilebooleanNoHandle with care
weightnumberYesIn kilograms

Endpoints by carrier

CarrierEndpoint
RoadPOST /v2/parcels/road
Rail BulkPOST /v2/parcels/rail-bulk

Response status

StatusCarriersMeaning
queuedRoad, Rail BulkWaits for pick-up
sentRoadOn its way
lostAllFailed — call us

Content types

The items field determines the price:

TypeMain fieldDescription
LetterletterTextSimple letter
Big BoxbigBoxBox of any size
Rollroll / rollsOne or more rolls

Next steps"""


def facts(page: Page, kind: str) -> list[tuple[str, Any]]:
    return [(fact.name, fact.value) for fact in page.facts if fact.kind == kind]


def test_markdown_fields() -> None:
    page = read_page(MARKDOWN, "orders.md")
    assert page.title == "Orders"
    request = [f for f in page.facts if f.kind == "field" and f.direction == "request"]
    assert [(f.name, f.value["type"], f.value["required"]) for f in request] == [
        ("title", "string", True),
        ("count", "integer", False),
        ("kind", "string", False),
        ("lines", "array", None),
    ]
    assert {str(o) for f in request for o in f.scope} == {"POST /v1/orders"}
    assert (
        request[0].location.line
        == MARKDOWN.split("\n").index("| `title` | string | Yes | The title |") + 1
    )


def test_markdown_response_and_enums() -> None:
    page = read_page(MARKDOWN, "orders.md")
    response = [f.name for f in page.facts if f.kind == "field" and f.direction == "response"]
    assert response == ["id", "state"]
    enums = [(f.name, f.value, f.direction) for f in page.facts if f.kind == "enum"]
    assert enums == [
        ("kind", ["small", "large"], "request"),
        ("state", ["open", "closed"], "response"),
    ]


def test_markdown_statuses_endpoints_and_support() -> None:
    page = read_page(MARKDOWN, "orders.md")
    assert [value for _, value in facts(page, "status")] == [201, 422]
    assert facts(page, "endpoint") == [
        ("List", "GET /v1/orders"),
        ("Remove", "DELETE /v1/orders/{id}"),
    ]
    assert facts(page, "support") == [("Lists", ["Web"]), ("Search", ["Web", "App"])]


def test_flattened_fields() -> None:
    page = read_page(FLAT, "parcels.txt")
    found = {f.name: f.value for f in page.facts if f.kind == "field" and "." not in f.name}
    assert {name: value["type"] for name, value in found.items()} == {
        "sender": "string",
        "integer_code": "integer",
        "items": "array",
        "fragile": "boolean",
        "weight": "number",
    }
    # A mark that was lost says nothing; one that is there counts.
    assert [found[n]["required"] for n in ("sender", "items", "fragile", "weight")] == [
        None, None, False, True
    ]  # fmt: skip


def test_flattened_endpoints_are_the_scope_of_all_tables() -> None:
    page = read_page(FLAT, "parcels.txt")
    endpoints = [("Road", "POST /v2/parcels/road"), ("Rail Bulk", "POST /v2/parcels/rail-bulk")]
    assert facts(page, "endpoint") == endpoints
    scopes = {tuple(map(str, f.scope)) for f in page.facts if f.kind == "field"}
    assert scopes == {tuple(value for _, value in endpoints)}


def test_flattened_statuses() -> None:
    page = read_page(FLAT, "parcels.txt")
    (status,) = [f for f in page.facts if f.kind == "enum"]
    assert (status.name, status.value) == ("status", ["queued", "sent", "lost"])
    assert status.direction == "response"


def test_flattened_labels_and_names() -> None:
    page = read_page(FLAT, "parcels.txt")
    names = [f.name for f in page.facts if f.kind == "field" and "." in f.name]
    assert names == ["items.letterText", "items.bigBox", "items.roll", "items.rolls"]


def test_flattened_status_columns() -> None:
    header = ("Status", "Carriers", "Meaning")
    row = split_row(header, "queuedRoad, Rail BulkWaits for pick-up", {"Road", "Rail Bulk"})
    assert row == ("queued", "Road, Rail Bulk", "Waits for pick-up")


def test_html() -> None:
    page = read_page(
        """<!doctype html><html><head><title>x</title></head><body><nav>GET /nav</nav>
<h1>Orders</h1><h2>Create</h2><p>Send <code>POST /orders</code>.</p>
<table><thead><tr><th>Name</th><th>Type</th><th>Required</th></tr></thead>
<tbody><tr><td><code>a</code></td><td>string</td><td><svg class="icon-check"></svg></td></tr>
<tr><td>b</td><td>integer</td><td></td></tr></tbody></table>
<script>bad()</script></body></html>""",
        "orders.html",
    )
    assert page.title == "Orders"
    found = [(f.name, f.value["type"], f.value["required"]) for f in page.facts]
    assert found == [("a", "string", True), ("b", "integer", False)]
    assert {str(o) for f in page.facts for o in f.scope} == {"POST /orders"}
    assert page.facts[0].location.line == 4
    assert "bad()" not in page.text


def test_an_all_empty_required_column_says_nothing() -> None:
    page = read_page("| Name | Type | Required |\n|--|--|--|\n| a | string |  |\n", "x.md")
    assert [f.value["required"] for f in page.facts] == [None]


def test_event_tables_are_no_requests() -> None:
    text = "# Webhooks\n\n## Webhook payload event\n\n| Field | Type |\n|--|--|\n| a | string |\n"
    assert {f.direction for f in read_page(text, "x.md").facts} <= {"event", "request"}
    text = "# Events\n\n## Delivered event\n\n| Field | Type |\n|--|--|\n| a | string |\n"
    assert {f.direction for f in read_page(text, "x.md").facts} == {"event"}


@pytest.mark.parametrize(
    ("heading", "path", "direction"),
    [
        ("# Create an event", "/v3/events", "request"),
        ("# Create an event", "/v3/orders", "event"),
        ("# Webhook of an event", "/v3/events", "event"),
        ("# Add notifications", "/userNotifications", "request"),
    ],
)
def test_what_the_operation_of_a_section_is_about_is_no_event(
    heading: str, path: str, direction: str
) -> None:
    text = f"{heading}\n\n`POST {path}`\n\n| Field | Type |\n|--|--|\n| a | string |\n"
    assert {f.direction for f in read_page(text, "x.md").facts} == {direction}


def test_a_section_below_the_operation_may_be_about_an_event() -> None:
    text = (
        "# Events\n\n`POST /events`\n\n## Delivered event\n\n| Field | Type |\n|--|--|\n| a | b |\n"
    )
    assert {f.direction for f in read_page(text, "x.md").facts} == {"event"}


@pytest.mark.parametrize(
    ("cell", "kind"),
    [
        ("string", "string"), ("`Integer`", "integer"), ("array of strings", "array"),
        ("string[]", "array"), ("UUID", "string"), ("bool", "boolean"), ("float", "number"),
        ("string or integer", None), ("ref to x.json", None), ("", None),
        ("string (enum: `a`)", "string"), ("object", "object"),
    ],
)  # fmt: skip
def test_types(cell: str, kind: str | None) -> None:
    assert json_type_of(cell) == kind


@pytest.mark.parametrize(
    ("cell", "expected"),
    [("Yes", True), ("✅", True), ("**required**", True), ("No", False), ("—", False),
     ("", None), ("if x", None), ("optional", False)],
)  # fmt: skip
def test_required_cells(cell: str, expected: bool | None) -> None:
    assert required_of(cell) is expected


def test_endpoints() -> None:
    text = "Use `GET /a/{id}`, POST https://x.example/v1/b?c=d or **PUT** /c/:key."
    assert [str(o) for o in endpoints_in(text)] == [
        "GET /a/{id}", "POST /v1/b", "PUT /c/{key}"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("line", "columns"),
    [
        ("FieldTypeRequiredDescription", 4),
        ("ChannelEndpoint", 2),
        ("TypeMain fieldDescription", 3),
        ("Description", 0),
        ("JavaScript", 0),
        ("A sentence about Fields.", 0),
        ("", 0),
    ],
)
def test_headers(line: str, columns: int) -> None:
    assert len(split_header(line)) == columns


def test_a_page_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(DocumentError, match=r"gone\.md"):
        load_page(tmp_path / "gone.md", "gone.md")


def test_domain_is_the_folder_above_docs(tmp_path: Path) -> None:
    folder = tmp_path / "orders" / "docs"
    folder.mkdir(parents=True)
    (folder / "page.md").write_text("# Page\n")
    assert load_page(folder / "page.md", "page.md").domain == "orders"


LINES = st.lists(
    st.sampled_from(
        [*FLAT.split("\n"), *MARKDOWN.split("\n"), "<table>", "<tr><td>", "</table>", "```", "| |"]
    ),
    max_size=25,
).map("\n".join)


@settings(max_examples=60, deadline=None)
@given(LINES | st.text(max_size=300), st.sampled_from(["x.md", "x.html"]))
def test_nothing_breaks_on_any_page(text: str, name: str) -> None:
    page = read_page(text, name)
    assert all(fact.location.file == name for fact in page.facts)
    assert all((fact.location.line or 0) >= 1 for fact in page.facts)


SHARED = Path(os.environ.get("DRIFTCHECK_SHARED", Path(__file__).parents[3] / "shared"))


def test_a_real_page_saved_from_a_browser() -> None:
    """The page of the seeds: its tables run together."""
    pages = sorted((SHARED / "seeds").glob("004_*")) if SHARED.is_dir() else []
    if not pages:
        pytest.skip("the shared folder with the seed documents isn't there")
    page = load_page(pages[0], "page.txt")
    assert [n for n, _ in facts(page, "field")][:3] == ["from", "to", "content"]
    assert len(facts(page, "field")) == 18
    assert len(facts(page, "endpoint")) == 6
    assert [v for _, v in facts(page, "enum")] == [["sent", "enqueued", "error"]]
    assert all(v["required"] is None for _, v in facts(page, "field"))
