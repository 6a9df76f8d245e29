from __future__ import annotations

from email import message_from_bytes
from typing import Any

from checker.domain.exchange import Call, Request
from checker.domain.operation import OperationId
from checker.domain.schema import MISSING
from checker.drift.build import listed, spoken
from checker.planning.encoding import FORM, MULTIPART, encode_body
from checker.planning.recipe import call_of_step, step_of_call
from checker.planning.step_requests import RequestBuilder
from checker.planning.variables import Scope
from checker.safety.brought import brought_texts

UPLOAD = OperationId("POST", "/files")


def parts(content: bytes, media_type: str) -> dict[str, tuple[str | None, bytes]]:
    """Name → file name and content of each part."""
    message = message_from_bytes(b"Content-Type: " + media_type.encode() + b"\r\n\r\n" + content)
    found = {}
    for part in message.get_payload():  # type: ignore[union-attr]
        name = part.get_param("name", header="content-disposition")  # type: ignore[union-attr]
        found[str(name)] = (part.get_filename(), part.get_payload(decode=True))  # type: ignore[union-attr]
    return found  # type: ignore[return-value]


def test_files_are_parts_of_their_own() -> None:
    body = {"title": "a", "file": b"\x00\xff", "more": [b"1", b"2"], "meta": {"n": 1}}
    found = parts(*encode_body(body, MULTIPART))
    assert found["title"] == (None, b"a")
    assert found["file"][0] and found["file"][1] == b"\x00\xff"
    assert found["meta"] == (None, b'{"n": 1}')


def test_a_file_is_called_as_nobody_calls_theirs() -> None:
    """Some servers overwrite what has the same name."""
    forms = [{"title": t, "file": b"x", "more": [b"1", b"2"]} for t in ("kqzw", "vbnm", "vbnm")]
    called = [str(parts(*encode_body(form, MULTIPART))["file"][0]) for form in forms]
    assert called[0] != called[1] == called[2], "the same request has the same name"
    assert all(len(name.partition(".")[0]) >= 8 for name in called)
    assert [n for n in brought_texts(_sent(forms[0])) if n == called[0]], (
        "what is made is known by it"
    )


def _sent(form: dict[str, Any]) -> Request:
    content, media_type = encode_body(form, MULTIPART)
    return Request("POST", "/files", content=content, media_type=media_type)


def test_no_name_breaks_the_framing() -> None:
    content, _ = encode_body({'a"\r\nX-Evil: 1': "v", "\x0e": "w"}, MULTIPART)
    assert b'name="a%22%0D%0AX-Evil: 1"' in content and b'name="%0E"' in content


def test_the_content_of_a_file_can_be_read_in_a_sentence_and_in_other_bodies() -> None:
    assert spoken(b"text") == '"text"'
    assert spoken({"file": b"\xff"}) == '{"file": "base64:/w=="}'
    assert listed([b"a", "b"]) == "`a` and `b`"
    assert encode_body({"file": b"a"}, "application/json")[0] == b'{"file": "a"}'
    assert encode_body({"file": b"a"}, "application/x-www-form-urlencoded")[0] == b"file=a"


def test_a_call_with_files_is_a_step_and_back() -> None:
    body = {"title": "a", "text": b"plain", "blob": b"\x00\xff"}
    call = Call(UPLOAD, body=body, media_type=MULTIPART)
    step = step_of_call("upload", call)
    assert step.body is MISSING and set(step.file_fields) == {"text", "blob"}
    again = call_of_step(step, UPLOAD, None, "primary")
    assert again is not None and again.body == body
    request = RequestBuilder(Scope()).request(step)
    assert request.content is not None
    assert parts(request.content, str(request.media_type))["blob"][1] == b"\x00\xff"


def test_a_list_in_a_form_repeats_its_name() -> None:
    body = {"tags": ["a", "b c"], "owner": {"name": "x"}, "rows": [{"n": 1}]}
    content, _ = encode_body(body, FORM)
    assert content.decode() == "tags=a&tags=b+c&owner%5Bname%5D=x&rows%5B%5D%5Bn%5D=1"
