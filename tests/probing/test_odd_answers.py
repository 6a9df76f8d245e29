"""Whatever a server sends is an outcome, and nothing downstream stumbles over it."""

from __future__ import annotations

import asyncio
import gzip
import json
import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from raw_server import OK, FakeTime, answer, raw_server, wire_to

from checker.domain.exchange import Exchange, Failure, Request, Response
from checker.domain.finding import Evidence, Verdict
from checker.domain.run import TargetInfo
from checker.domain.schema import MISSING
from checker.probing import answers
from checker.probing.answers import RawAnswer, outcome_of
from checker.probing.oracle import Oracle
from checker.reporting.evidence import evidence_json

JSON = "Content-Type: application/json"


def asked(said: bytes | None, **options: Any) -> Exchange:
    """The exchange with a server that sends these bytes and closes."""

    async def go() -> Exchange:
        async with raw_server(lambda *_: said, close=True) as server:
            wire = wire_to(server, FakeTime(), **options)
            async with wire:
                return await wire.send(Request("GET", "/x"), {}, {})

    exchange = asyncio.run(go())
    judged(exchange)
    return exchange


def judged(exchange: Exchange) -> None:
    """What others do with every exchange."""
    Oracle().judge_exchange(exchange)
    entry = evidence_json(Evidence("probe", exchange, Verdict.ACCEPTED), TargetInfo("t", "u", ""))
    json.dumps(entry, allow_nan=False, ensure_ascii=False).encode("utf-8")


DEEP = b"[" * 5_000 + b"]" * 5_000
BELOW = b"[" * 500 + b"]" * 500
ODD: dict[str, bytes | None] = {
    "nothing": b"",
    "no HTTP": b"\x00\xff\x00\xff garbage\r\n\r\n",
    "HTTP/0.9": b"<html>hello</html>",
    "status 999": answer("999 What", body=b"x"),
    "status 0": answer("000 ", body=b"x"),
    "status 99999": answer("99999 Much"),
    "only 100s": b"HTTP/1.1 100 Continue\r\n\r\n" * 50,
    "102, then the answer": b"HTTP/1.1 102 Processing\r\n\r\n" + OK,
    "switching protocols": b"HTTP/1.1 101 Switching\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n",
    "no reason": b"HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n",
    "1.0 without length": b"HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n{}",
    "too short": b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n{}",
    "too long": b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\n{}" + b"x" * 50,
    "length no number": b"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n{}",
    "length negative": b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n{}",
    "two lengths": b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
    "bad chunks": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n",
    "huge chunk": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n{}",
    "header bytes": b"HTTP/1.1 200 OK\r\nX: \xff\xfe\x80\r\nLocation: \xed\xa0\x80\r\n\r\n",
    "header without colon": b"HTTP/1.1 200 OK\r\nnonsense\r\n\r\n{}",
    "huge header": answer("200 OK", "X: " + "y" * 100_000),
    "many headers": answer("200 OK", *[f"X-{n}: {n}" for n in range(5_000)]),
    "cookies": answer(
        "200 OK", 'Set-Cookie: ;;;="\x01"', "Set-Cookie: a=b; expires=never; max-age=x"
    ),
    "broken gzip": answer("200 OK", "Content-Encoding: gzip", body=b"\x1f\x8bnonsense"),
    "half a gzip": answer("200 OK", "Content-Encoding: gzip", body=gzip.compress(b"{}" * 500)[:30]),
    "unknown coding": answer("200 OK", "Content-Encoding: zap", body=b"{}"),
    "gzip bomb": answer("200 OK", JSON, "Content-Encoding: gzip", body=gzip.compress(bytes(20**6))),
    "deep": answer("200 OK", JSON, body=DEEP),
    "deep in any type": answer("200 OK", "Content-Type: text/plain", body=DEEP),
    "just below recursion": answer("200 OK", JSON, body=BELOW),
    "numbers": answer("200 OK", JSON, body=b'{"a": 1e999, "b": NaN, "c": [-Infinity, -1e999]}'),
    "long number": answer("200 OK", JSON, body=b'{"a": ' + b"9" * 6_000 + b"}"),
    "number beyond floats": answer("200 OK", JSON, body=b'{"a": -' + b"9" * 400 + b"}"),
    "surrogate": answer("200 OK", JSON, body=b'{"\\ud800": ["\\udfff", "\\u0000"]}'),
    "encoded surrogate": answer("200 OK", JSON, body=b'{"a": "\xed\xa0\x80"}'),
    "no UTF-8": answer("200 OK", JSON, body=b'{"a": "\xff\xfe"}'),
    "mark": answer("200 OK", JSON, body=b"\xef\xbb\xbf{}"),
    "UTF-16": answer("200 OK", JSON, body='{"a": "é"}'.encode("utf-16")),
    "doubled": answer("200 OK", JSON, body=b'{"a": 1, "a": 2}'),
    "NUL": answer("200 OK", "Content-Type: text/html", body=b"\x00\x01\x02"),
    "hang up": None,
}
for number, charset in enumerate(
    [
        "x-no-such",
        "hex",
        "rot13",
        "zlib",
        "idna",
        "punycode",
        "undefined",
        "unicode_escape",
        "utf-7",
        "raw_unicode_escape",
        '"',
        "\xff",
        "../x",
        "a" * 3_000,
        "latin-1",
        "mbcs",
        "utf-16",
    ]
):
    kind = f"Content-Type: text/html; charset={charset}"
    body = b"\\ud800 +2AA- \\x \xff" * 2_000
    ODD[f"charset {number}"] = answer("200 OK", body=body).replace(
        b"OK\r\n", b"OK\r\n" + kind.encode("latin-1") + b"\r\n"
    )
for number, place in enumerate(
    [
        "http://[",
        "//",
        "",
        " ",
        "http://",
        "///x",
        "http://[::1",
        "http://h:99999999/",
        "\xff",
        "x y",
        "file:///etc/passwd",
        "javascript:1",
        "http://a\\@b/",
        "?",
        "#",
        "%",
        "%zz",
        "/\x01",
        "../../..",
        "http://exa mple/",
        "http://\u2100/",
    ]
):
    head = f"HTTP/1.1 302 Found\r\nLocation: {place}\r\nContent-Length: 0\r\n\r\n"
    ODD[f"location {number}"] = head.encode("utf-8", "surrogatepass")


@pytest.mark.parametrize("name", ODD)
def test_anything_is_an_outcome(name: str) -> None:
    outcome = asked(ODD[name], timeout=2.0).outcome
    assert isinstance(outcome, (Response, Failure))


@pytest.mark.parametrize("forever", [b"x", b"\xff", b'{"a": 1},', b"\x00"])
def test_a_body_without_end_ends_by_size_or_by_time(
    forever: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    from checker.probing import client

    monkeypatch.setattr(client, "MAX_BODY", 50_000)
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n["

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(head)
            while True:
                writer.write(forever * 1_000)
                await writer.drain()
        except ConnectionError:
            pass
        finally:
            writer.close()

    async def go() -> Exchange:
        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        async with raw_server(lambda *_: OK) as raw:
            raw.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
            async with server, wire_to(raw, FakeTime()) as wire:
                return await wire.send(Request("POST", "/x"), {}, {})

    outcome = asyncio.run(go()).outcome
    assert isinstance(outcome, Failure) and outcome.kind == "broken-body"


def test_a_body_that_drips_ends_by_the_time_limit() -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
            while True:
                writer.write(b" ")
                await writer.drain()
                await asyncio.sleep(0.01)
        except ConnectionError:
            pass
        finally:
            writer.close()

    async def go() -> Exchange:
        server = await asyncio.start_server(serve, "127.0.0.1", 0)
        async with raw_server(lambda *_: OK) as raw:
            raw.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
            async with server, wire_to(raw, FakeTime(), timeout=0.2) as wire:
                return await wire.send(Request("POST", "/x"), {}, {})

    outcome = asyncio.run(go()).outcome
    assert isinstance(outcome, Failure) and outcome.kind == "timeout"


def read(content: bytes, charset: str | None = None) -> Response | Failure:
    headers = {"Content-Type": "application/json"}
    return outcome_of(RawAnswer(200, headers, charset, content, 0.0))


def body(content: bytes, charset: str | None = None) -> Any:
    outcome = read(content, charset)
    assert isinstance(outcome, Response)
    return outcome.body


def test_numbers_are_finite_and_keep_their_type() -> None:
    found = body(b"[1e999, -1e999, NaN, Infinity, " + b"9" * 9_000 + b", -" + b"9" * 400 + b", 7]")
    assert [type(n) for n in found] == [float, float, float, float, int, int, int]
    assert all(math.isfinite(n) for n in found)
    assert found[-1] == 7 and found[4] > 10**200 and found[5] < -(10**200)


def test_texts_can_be_written_wherever_they_go() -> None:
    text = json.dumps({"\ud800a": ["\udc00", {"x": "\ud83d\ude00"}]}).encode()
    found = body(text)
    assert found == {"\ufffda": ["\ufffd", {"x": "\U0001f600"}]}
    json.dumps(found, ensure_ascii=False).encode("utf-8")


def test_json_in_its_own_charset_is_read() -> None:
    assert body('{"name": "Möbel"}'.encode("latin-1"), "iso-8859-1") == {"name": "Möbel"}
    assert body('{"name": "Möbel"}'.encode(), "x-unknown") == {"name": "Möbel"}
    assert body(b"\xef\xbb\xbf{}") == {}


def test_what_is_too_deep_is_said_to_be() -> None:
    deepest = answers.MAX_DEPTH
    assert body(b"[" * deepest + b"]" * deepest) is not MISSING
    for depth in (deepest + 1, 900, 200_000):
        outcome = read(b"[" * depth + b"]" * depth)
        assert isinstance(outcome, Failure) and "nested" in outcome.message


@settings(max_examples=300, deadline=None)
@given(content=st.binary(max_size=200), charset=st.none() | st.text(max_size=20))
def test_any_bytes_in_any_charset_are_read(content: bytes, charset: str | None) -> None:
    outcome = outcome_of(RawAnswer(200, {"Content-Type": "text/plain"}, charset, content, 0.0))
    if isinstance(outcome, Response):
        outcome.text.encode("utf-8")


JSON_VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(), max_size=5)
    | st.sampled_from(["\ud800", "\udfff\ud800", "\x00", "", 10**350, -(10**350)]),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.text(st.characters(), max_size=3) | st.just("\ud800"), inner, max_size=4
        )
    ),
    max_leaves=20,
)


@settings(max_examples=200, deadline=None)
@given(value=JSON_VALUES)
def test_any_json_is_read_and_reported(value: Any) -> None:
    outcome = read(json.dumps(value).encode())
    assert isinstance(outcome, Response)
    judged(Exchange(Request("GET", "/x"), outcome, 1))
