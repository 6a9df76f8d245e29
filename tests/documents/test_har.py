from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from checker.documents import har
from checker.documents.har import calls_from_har, load_har, undocumented_in_har
from checker.domain.location import Location
from checker.domain.operation import DocumentInfo, Field, FieldKey, Operation, OperationId, Place
from checker.domain.schema import MISSING, Schema
from checker.errors import DocumentError

HERE = Location("api.json")
BASE = "https://api.example.com/root"


def entry(
    method: str, path: str, status: int = 200, body: Any = None, *, base: str = BASE, **post: Any
) -> dict[str, Any]:
    request: dict[str, Any] = {
        "method": method,
        "url": base + path,
        "headers": [
            {"name": "Authorization", "value": "Bearer s3cret"},
            {"name": "Cookie", "value": "sid=s3cret"},
            {"name": "X-Api-Key", "value": "s3cret"},
            {"name": "X-Region", "value": "eu"},
        ],
        "cookies": [{"name": "sid", "value": "s3cret"}],
    }
    if body is not None:
        request["postData"] = {"mimeType": "application/json", "text": json.dumps(body)}
    if post:
        request["postData"] = post
    return {"request": request, "response": {"status": status}}


def load(tmp_path: Path, *entries: Any) -> list[har.Recorded]:
    path = tmp_path / "a.har"
    path.write_text(json.dumps({"log": {"version": "1.2", "entries": list(entries)}}))
    return load_har(path, "a.har")


def operation(method: str, path: str, *fields: Field) -> Operation:
    return Operation(
        OperationId(method, path), DocumentInfo("api.json", "3.0"), HERE, path, parameters=fields
    )


def field(place: Place, name: str, *types: str) -> Field:
    return Field(FieldKey(place, name), False, Schema(HERE, types=types), HERE, HERE)


OPERATIONS = [
    operation("GET", "/v1/things", field(Place.QUERY, "limit", "integer")),
    operation("POST", "/v1/things", field(Place.HEADER, "x-region", "string")),
    operation("GET", "/v1/things/{id}"),
    operation("GET", "/v1/things/latest"),
]


def test_calls(tmp_path: Path) -> None:
    entries = load(
        tmp_path,
        entry("GET", "/v1/things?limit=5&access_token=s3cret&q=a%20b"),
        entry("GET", "/v1/things/a%2Fb"),
        entry("GET", "/v1/things/latest"),
        entry("POST", "/v1/things", 201, {"name": "x"}),
        entry("POST", "/v1/things", 422, {"name": ""}),
    )
    calls = calls_from_har(entries, OPERATIONS, [BASE])
    by_name = {str(k): v[0] for k, v in calls.items()}
    assert by_name["GET /v1/things"].query == {"limit": 5, "q": "a b"}
    assert by_name["GET /v1/things/{id}"].path == {"id": "a/b"}
    assert by_name["GET /v1/things/latest"].path == {}
    posted = calls[OperationId("POST", "/v1/things")]
    assert [c.body for c in posted] == [{"name": "x"}]
    assert posted[0].media_type == "application/json"
    assert posted[0].header == {"x-region": "eu"}
    assert posted[0].token is None
    assert "s3cret" not in repr((entries, calls))


def test_latest_first_and_few(tmp_path: Path) -> None:
    entries = load(tmp_path, *(entry("POST", "/v1/things", 201, {"n": n}) for n in range(9)))
    posted = calls_from_har(entries, OPERATIONS, [BASE])[OperationId("POST", "/v1/things")]
    assert [c.body["n"] for c in posted] == [8, 7, 6, 5, 4]


def test_other_hosts_and_documents(tmp_path: Path) -> None:
    entries = load(
        tmp_path,
        entry("GET", "/v1/things", base="https://cdn.example.com/root"),
        entry("GET", "/v1/secret-list"),
        entry("OPTIONS", "/v1/secret-list"),
        entry("GET", "/v1/gone", 404),
    )
    assert calls_from_har(entries, OPERATIONS, [BASE]) == {}
    assert undocumented_in_har(entries, OPERATIONS, [BASE]) == [
        OperationId("GET", "/v1/secret-list")
    ]


def test_forms_and_odd_bodies(tmp_path: Path) -> None:
    form = "application/x-www-form-urlencoded"
    entries = load(
        tmp_path,
        entry("POST", "/v1/things", mimeType=form, text="a=1&b=x+y&token=s3cret"),
        entry("POST", "/v1/things", mimeType="application/json", text="{broken"),
        entry("POST", "/v1/things", mimeType="multipart/form-data", text="--x"),
    )
    assert [e.body for e in entries] == [{"a": "1", "b": "x y"}, MISSING, MISSING]


def test_odd_entries_are_passed_over(tmp_path: Path) -> None:
    odd = [5, {}, {"request": {}, "response": {}}, entry("BREW", "/v1/things")]
    odd += [entry("GET", "/x", base="ftp://h"), entry("GET", "/x", base="http://h:99999999")]
    assert load(tmp_path, *odd) == []


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"{", "a.har:1: not JSON"),
        (b"[]", "not a HAR file"),
        (b'{"log": {}}', "not a HAR file"),
        (b"\xff\xfe\x00", "not UTF-8"),
        (b"[" * 200_000, "nested too deeply"),
    ],
)
def test_bad_files(tmp_path: Path, content: bytes, says: str) -> None:
    path = tmp_path / "a.har"
    path.write_bytes(content)
    with pytest.raises(DocumentError, match=r"a\.har") as caught:
        load_har(path, "a.har")
    assert says in str(caught.value)


def test_missing_and_large_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(DocumentError, match=r"none\.har: can't be read"):
        load_har(tmp_path / "none.har", "none.har")
    monkeypatch.setattr(har, "MAX_BYTES", 10)
    (tmp_path / "a.har").write_text(" " * 11)
    with pytest.raises(DocumentError, match="larger than"):
        load_har(tmp_path / "a.har", "a.har")
