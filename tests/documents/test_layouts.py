"""Prose pages in layouts that are easily misread: what is read of them, and what is left alone."""

from __future__ import annotations

from pathlib import Path

import pytest

from checker.documents.prose import read_page
from checker.documents.prose_columns import cut, kinds_of
from checker.documents.prose_endpoints import endpoints_of_row, lone_endpoints, mentioned
from checker.domain.portal import Page

PAGES = Path(__file__).parent / "pages"


def page(name: str) -> Page:
    return read_page((PAGES / name).read_text(), name)


def fields(of: Page, direction: str = "request") -> list[tuple[str, str | None, bool | None]]:
    return [
        (f.name, f.value["type"], f.value["required"])
        for f in of.facts
        if f.kind == "field" and f.direction == direction
    ]


def scopes(of: Page) -> set[str]:
    return {" ".join(map(str, fact.scope)) for fact in of.facts if fact.kind != "endpoint"}


@pytest.mark.parametrize("name", ["flat.md", "half.md"])
def test_the_order_of_the_header_decides_the_columns(name: str) -> None:
    read = page(name)
    assert fields(read) == [
        ("id", "string", True),
        ("page", "integer", False),
        ("limit", "integer", False),
        ("filter", "string", False),
        ("name", "string", True),
        ("value", "number", False),
        ("active", "boolean", False),
    ]
    assert [n for n, _, _ in fields(read, "response")] == ["id", "created_at"]
    assert scopes(read) == {"POST /leads/{id}/notes"}


@pytest.mark.parametrize(
    ("header", "line", "cells"),
    [
        ("Field Type Required Text", "sizestringNoIn kg", ("size", "string", "No", "In kg")),
        ("Field Required Type Text", "sizeNostringIn kg", ("size", "No", "string", "In kg")),
        ("Required Field Type Text", "NosizestringIn kg", ("No", "size", "string", "In kg")),
        ("Field Type Text Required", "sizestringIn kgNo", ("size", "string", "In kg", "No")),
        ("Field Type Required Text", "sizenumberNo more", ("size", "number", "", "No more")),
        ("Field Type Default Text", "sizeinteger10In kg", ("size", "integer", "", "")),
        ("Field Required Text", "sizeYesIn kg", ("size", "Yes", "In kg")),
    ],
)  # fmt: skip
def test_cutting_a_row(header: str, line: str, cells: tuple[str, ...]) -> None:
    assert cut(kinds_of(header.split()), [line]) == [cells]


def test_a_row_with_two_readings_is_not_read() -> None:
    kinds = kinds_of(("Field", "Required", "Type"))
    lines = ["invoiceNostring", "limitinteger"]
    assert cut(kinds, lines) == [None, ("limit", "", "integer")]
    assert cut(kinds, lines, {"invoiceNo"}) == [
        ("invoiceNo", "", "string"),
        ("limit", "", "integer"),
    ]
    # Where every row has a mark, what looks like one is one.
    assert cut(kinds, ["invoiceNostring", "limitYesinteger"])[0] == ("invoice", "No", "string")


def test_a_name_before_free_text_is_not_guessed() -> None:
    assert cut(kinds_of(("Field", "Description", "Type")), ["idUnique namestring"]) == [None]


def test_lines_that_are_not_read_are_told() -> None:
    read = read_page("Orders\n\nFieldDescriptionType\nidUniquestring\nnoAnythinginteger\n", "a.md")
    assert read.facts == () and read.unread == (4, 5)


def test_a_path_that_runs_into_the_next_column_is_no_endpoint() -> None:
    text = "Orders\n\nMethodPathDescription\nGET/v1/ordersAll of them\nGET/v1/itemsAll\n"
    assert not read_page(text, "a.md").facts
    text = "Orders\n\nMethodPath\nGET/v1/orders\nPUT/v1/items/{id}\n"
    assert [f.value for f in read_page(text, "a.md").facts] == [
        "GET /v1/orders",
        "PUT /v1/items/{id}",
    ]


def test_a_value_that_may_end_at_two_capitals_is_no_value() -> None:
    text = "Orders\n\nStatusMeaning\nopenIs open\ninProgressIs worked on\ndoneIs done\n"
    assert not [f for f in read_page(text, "a.md").facts if f.kind == "enum"]


def test_a_table_below_a_table_without_an_empty_line() -> None:
    text = (
        "POST /a\n\n| Field | Type |\n|---|---|\na | string |\n\nResponse\n\n"
        "| Field | Required | Type |\n|---|---|---|\nb | Yes | integer |\n"
        "| Name | Type |\n|---|---|\nc | boolean |\nThat is all.\n"
    )
    read = read_page(text, "a.md")
    assert fields(read) == [("a", "string", None)]
    assert fields(read, "response") == [("b", "integer", True), ("c", "boolean", None)]


def test_an_endpoint_of_another_heading_is_not_meant() -> None:
    read = page("scope.html")
    assert scopes(read) == {"POST /v2/domains"}
    bare = (PAGES / "scope.html").read_text().replace("<code>POST</code> request to ", "")
    assert {str(f.scope) for f in read_page(bare, "a.html").facts if f.sure} == set()


@pytest.mark.parametrize(
    ("text", "sure"),
    [
        ("# A\n\nFirst call `POST /login`.\n\n## Errors\n\n{}", False),
        ("# A\n\n## Make\n\nCall `POST /a`.\n\n### Errors\n\n{}", True),
        ("# POST /a\n\n## Errors\n\n{}", True),
        ("# A\n\n```\nPOST /a HTTP/1.1\n```\n\n## Errors\n\n{}", True),
        ("# A\n\n`POST a/b`\n\n## Errors\n\n{}", True),
    ],
)
def test_how_sure_a_scope_is(text: str, sure: bool) -> None:
    table = "| Status | Meaning |\n|--|--|\n| 201 | a |\n| 409 | b |\n"
    read = read_page(text.format(table), "a.md")
    assert {fact.sure for fact in read.facts} == {sure}
    assert all(fact.scope for fact in read.facts)


def test_two_endpoints_that_are_mentioned_are_no_scope() -> None:
    text = (
        "# A\n\nAfter `POST /a` ask `GET /a/{id}`.\n\n| Field | Type |\n|--|--|\n| x | string |\n"
    )
    assert scopes(read_page(text, "a.md")) == {""}


def test_tables_before_the_endpoints_that_they_are_about() -> None:
    text = (
        "# Parcels\n\n## Fields\n\n| Field | Type |\n|--|--|\n| x | string |\n\n## Endpoints\n\n"
        "- `POST /road`\n- `POST /rail`\n"
    )
    assert scopes(read_page(text, "a.md")) == {"POST /road POST /rail"}
    other = text + "\n## Air\n\n`POST /air`\n"
    assert scopes(read_page(other, "a.md")) == {""}


def test_a_definition_list_copied_from_a_site() -> None:
    read = page("list.md")
    assert fields(read) == [
        ("channel_uid", "string", True),
        ("type", "string", None),
        ("text", "string", None),
        ("retries", "integer", None),
    ]
    assert fields(read, "response") == [("uid", "string", True)]
    assert [f.value["default"] for f in read.facts if f.kind == "field"][1] == "text"
    enums = [(f.name, f.value) for f in read.facts if f.kind == "enum"]
    assert enums == [("type", ["text", "image", "file"])]
    assert scopes(read) == {"POST /v1/messages"}


@pytest.mark.parametrize(
    "text",
    [
        "- `a` (string, required): The a.\n- `b` (integer): The b.",
        "- `a` - string, required - The a.\n- `b` - integer - The b.",
        "a\n: string, required. The a.\n\nb\n: integer. The b.",
        "a string required\n\nThe a.\n\nb integer\n\nThe b.",
        "**a** string Required\n\nThe a.\n\n**b** integer\n\nThe b.",
    ],
)
def test_definition_lists_in_markdown(text: str) -> None:
    read = read_page(f"# A\n\n`POST /a`\n\n{text}\n\n## More\n\nWords.\n", "a.md")
    assert fields(read) == [("a", "string", True), ("b", "integer", None)]


def test_definition_lists_in_html() -> None:
    text = (
        "<html><body><h1>A</h1><pre>POST /a</pre><dl><dt><code>a</code></dt><dd>string, required. "
        "The a.</dd><dt><code>b</code></dt><dd><p>integer. The b.</p></dd></dl></body></html>"
    )
    assert fields(read_page(text, "a.html")) == [("a", "string", True), ("b", "integer", None)]


@pytest.mark.parametrize(
    "text",
    [
        "Return string",
        "Overview\n\nSome text\n\nMore",
        "- type: string\n- format: date",
        "- status: The state of it\n- kind: What it is",
        "- one\n- two",
        "The string is long.",
    ],
)
def test_what_is_no_definition_list(text: str) -> None:
    assert not read_page(f"# A\n\n`POST /a`\n\n{text}\n", "a.md").facts


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("POST v1/messages", ["POST /v1/messages"]),
        ("Endpoint: POST /a/{id}", ["POST /a/{id}"]),
        ("- `DELETE /a/:id`", ["DELETE /a/{id}"]),
        ("GET /a HTTP/1.1", ["GET /a"]),
        ("GET and/or POST", []),
        ("POST it", []),
        ("Use GET /a for all.", []),
    ],
)
def test_endpoints_on_lines_of_their_own(line: str, found: list[str]) -> None:
    assert [str(o) for o in lone_endpoints(line)] == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Send a `POST` request to `/v2/a`.", ["POST /v2/a"]),
        ("Send a `POST` or `PUT` request to `/v2/a`.", []),
        ("It can POST. See /v2/a.", []),
        ("`GET /a` and `GET /b`", ["GET /a", "GET /b"]),
    ],
)
def test_endpoints_in_a_sentence(text: str, found: list[str]) -> None:
    assert [str(o) for o in mentioned(text)] == found


@pytest.mark.parametrize(
    ("cells", "found"),
    [
        (["GET", "/a"], ["GET /a"]),
        (["List", "`get`", "v1/a"], ["GET /v1/a"]),
        (["`GET /a`, `POST /a`", "Both"], ["GET /a", "POST /a"]),
        (["owner", "string", "From `GET /owners`, or so"], []),
        (["put", "a", "b"], []),
    ],
)
def test_endpoints_in_a_row(cells: list[str], found: list[str]) -> None:
    assert [str(o) for o in endpoints_of_row(cells)] == found


def test_a_field_table_that_mentions_endpoints_is_one_of_fields() -> None:
    text = "# A\n\n`POST /a`\n\n| Field | Type | Description |\n|--|--|--|\n"
    text += "| owner | string | From `GET /owners` |\n| x | string | As in `GET /x` |\n"
    assert fields(read_page(text, "a.md")) == [("owner", "string", None), ("x", "string", None)]


@pytest.mark.parametrize(
    "text",
    [
        "`DELETE /a/{id}` takes one away.\n\n```\ncurl -X DELETE https://a.example/a/42\n```\n\n",
        "```\nDELETE /a/:id\n```\n\n```\ncurl -X DELETE https://a.example/a/42\n```\n\n",
        "It is gone.\n\n```\ncurl -X DELETE https://a.example/a/{id}\n```\n\n",
    ],
)
def test_an_example_request_is_no_endpoint_of_its_own(text: str) -> None:
    read = read_page(f"# A\n\n## B\n\n{text}| Field | Type |\n|--|--|\n| x | string |\n", "a.md")
    assert scopes(read) == {"DELETE /a/{id}"}


@pytest.mark.parametrize(
    ("heading", "near"), [("Request body", True), ("Address", False), ("POST /a", True)]
)
def test_a_heading_about_something_else(heading: str, near: bool) -> None:
    text = f"# POST /a\n\n## {heading}\n\n| Field | Type |\n|--|--|\n| x | string |\n"
    assert {fact.near for fact in read_page(text, "a.md").facts} == {near}


def test_where_the_section_of_a_guessed_heading_ends_is_not_known() -> None:
    text = (
        "Leads\n\nPOST /leads\n\nFieldType\nnamestring\n\nDELETE /leads/{id}\n\n"
        "Errors\n\nStatusMeaning\n404Not there\n429Too many\n"
    )
    read = read_page(text, "a.md")
    assert {fact.sure for fact in read.facts} == {False}
    assert scopes(read) == {"POST /leads", "DELETE /leads/{id}"}
