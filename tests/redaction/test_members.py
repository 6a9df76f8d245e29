"""Members that are secrets: by name, by schema, by what they look like; and those that aren't."""

from __future__ import annotations

from pathlib import Path

import pytest
from document_samples import OK, load, openapi

from checker.lexicon import entries
from checker.pipeline.redaction import hidden_members
from checker.redaction import REDACTED, Secrets, hides, is_open_header, is_secret_name

JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJlLXNpZw"
RANDOM = "Zk3Vb9Qx7Lw2Tn8Rm4Yc6Hd1Jf5Gp0Sa"
READABLE = [
    ("key", "550e8400-e29b-41d4-a716-446655440000"),
    ("value", "01ARZ3NDEKTSV4RRFFQ69G5FAV"),
    ("data", "0ujtsYcgvSTl8PAuAdqWYSMNLOv"),
    ("data", "V1StGXR8_Z5jdHi6B-myT"),
    ("content", "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"),
    ("etag", RANDOM),
    ("userId", RANDOM),
    ("when", "2024-01-01T00:00:00.000000+00:00Z"),
    ("type", "application/vnd.GitHub.v3.raw+json"),
    ("place", "/Users/JohnDoe/Documents/Report2024Final"),
    ("name", "aLongCamelCaseNameOfSomethingInTheApi2"),
    ("text", "Plain words, and many of them, with a 1 and a 2."),
]


@pytest.mark.parametrize("entry", entries("secrets"), ids=lambda e: e.id)
def test_the_words_speak_and_are_silent(entry: object) -> None:
    from checker.lexicon import Entry

    assert isinstance(entry, Entry)
    assert [t for t in entry.speaks if not entry.matches(t)] == []
    assert [t for t in entry.silent if entry.matches(t)] == []


@pytest.mark.parametrize("name", ["access_token", "apiKey", "newPassword", "client_secret", "otp"])
def test_by_name(name: str) -> None:
    assert is_secret_name(name) and hides(name, "x")
    assert not hides(name, "") and not hides(name, None) and not hides(name, True)


def test_numbers_are_secret_only_where_they_are_codes() -> None:
    assert hides("pin", 493021) and not hides("pin", 4)
    assert not hides("access_token", 493021) and not hides("count", 493021)


@pytest.mark.parametrize(("name", "value"), READABLE)
def test_identifiers_stay_readable(name: str, value: str) -> None:
    assert not hides(name, value)


@pytest.mark.parametrize(
    ("name", "value"), [("data", JWT), ("id", JWT), ("value", RANDOM), ("session_id", RANDOM[:18])]
)
def test_by_what_it_looks_like(name: str, value: str) -> None:
    assert hides(name, value)


def test_a_session_is_no_secret_where_it_is_an_identifier() -> None:
    assert not hides("session_id", "550e8400-e29b-41d4-a716-446655440000")
    assert not hides("session", "morning")


def test_values_lose_their_secret_members() -> None:
    secrets = Secrets()
    secrets.learn("tok-5f2c9d81ab")
    secrets.learn("87654321098")
    body = {
        "password": "hunter2",
        "tokens": ["one-1", "two-2"],
        "nested": [{"apiKey": "k"}],
        "note": "it is tok-5f2c9d81ab",
        "tok-5f2c9d81ab": 1,
        "number": 87654321098,
        "shown": "yes",
        "file": "bytes",
    }
    assert secrets.value(body, {"file"}) == {
        "password": REDACTED,
        "tokens": [REDACTED, REDACTED],
        "nested": [{"apiKey": REDACTED}],
        "note": "it is ***",
        "***": 1,
        "number": "***",
        "shown": "yes",
        "file": REDACTED,
    }
    assert secrets.value(secrets.value(body)) == secrets.value(body)


def test_by_schema(tmp_path: Path) -> None:
    thing = {
        "type": "object",
        "properties": {
            "phrase": {"type": "string", "format": "password"},
            "upload": {"type": "string", "writeOnly": True},
            "mode": {"type": "string", "writeOnly": True, "enum": ["a", "b"]},
            "count": {"type": "integer", "writeOnly": True},
            "deep": {"type": "array", "items": {"$ref": "#/components/schemas/Self"}},
        },
    }
    itself = {
        "type": "object",
        "properties": {
            "answer": {"type": "string", "format": "password"},
            "self": {"$ref": "#/components/schemas/Self"},
        },
    }
    body = {"content": {"application/json": {"schema": thing}}}
    document = openapi(
        paths={"/things": {"post": {"requestBody": body, "responses": OK}}},
        components={"schemas": {"Self": itself}},
    )
    (operation,) = load(tmp_path, document).operations
    assert hidden_members(operation) == {"phrase", "upload", "answer"}


def test_headers_that_say_nothing_confidential() -> None:
    assert is_open_header("Accept-Language") and not is_open_header("X-Tenant")


def test_a_value_whose_name_stands_beside_it_is_hidden_by_that_name() -> None:
    told = {"items": [{"key": "smtp.password", "value": "Mail-Pass-5512"}]}
    open_ = {"items": [{"key": "smtp.host", "value": "mail.example.com"}]}
    shown = Secrets().value({**told, "more": {"name": "haslo", "value": "zima"}})
    assert shown == {
        "items": [{"key": "smtp.password", "value": REDACTED}],
        "more": {"name": "haslo", "value": REDACTED},
    }
    assert Secrets().value(open_) == open_


def test_such_a_value_is_learned_and_masked_in_texts() -> None:
    secrets = Secrets()
    secrets.learn_answer("", (), [{"name": "db_password", "value": "Kwiatek-9821-zima"}])
    assert secrets.text("got Kwiatek-9821-zima") == "got ***"
