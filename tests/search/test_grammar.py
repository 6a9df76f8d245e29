"""What the grammar learns, and what it takes from nothing but the form of an answer."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest
from refused import KNOWN, SENT, Refused, documented, told

from checker.domain.exchange import Call, Exchange, Failure, Request
from checker.domain.observation import Rejection
from checker.domain.operation import FieldKey, Place
from checker.domain.schema import MISSING
from checker.planning import edits
from checker.search.calibration import calibrate
from checker.search.complaints import Complaint, ComplaintKind
from checker.search.grammar import Grammar

BIRTH = FieldKey(Place.BODY, "birth_date")
NAME = FieldKey(Place.BODY, "name")
GOOD = {**SENT, "birth_date": "2031-01-01", "count": 3}
Render = Callable[[str, bool], Any]
"""A server's words about a field: by its name, and whether it is missing."""


def read(refused: Refused, grammar: Grammar | None = None, sent: Any = SENT) -> set[Complaint]:
    grammar = grammar or Grammar()
    return set(refused.complaints(sent, KNOWN, grammar))


def only(refused: Refused, grammar: Grammar | None = None, sent: Any = SENT) -> Complaint:
    (complaint,) = read(refused, grammar, sent)
    return complaint


def label(name: str) -> str:
    return name.replace("_", " ").capitalize()


STYLES: dict[str, Render] = {
    "member and code": lambda n, missing: {"fejl": [{"felt": n, "kode": 17 if missing else 23}]},
    "label in words": lambda n, missing: {
        "besked": f"{label(n)} skal udfyldes" if missing else f"{label(n)} er forkert"
    },
    "codes": lambda n, missing: {"c": [f"{'MANGLER' if missing else 'FORKERT'}_{n.upper()}"]},
    "map": lambda n, missing: {"fejl": {n: ["skal udfyldes" if missing else "er forkert"]}},
    "quoted": lambda n, missing: {"x": f"Feltet »{n}« {'mangler' if missing else 'er forkert'}."},
}


def target(render: Render, asked: list[Call]) -> Callable[[Call], Any]:
    """A server that wants all the texts it documents to be there and to be texts."""

    async def attempt(call: Call) -> Exchange:
        asked.append(call)
        for key in KNOWN:
            value = edits.get(call, key)
            if "." in key.name or key.name in ("lines", "address"):
                continue
            if value is MISSING or isinstance(value, dict):
                return Refused(400, render(key.name, value is MISSING)).exchange(call.body)
        return Refused(200, {"ok": True}).exchange(call.body)

    return attempt


def calibrated(render: Render) -> tuple[Grammar, list[Call]]:
    grammar, asked = Grammar(), []
    base = Refused().call(GOOD)
    asyncio.run(calibrate(grammar, target(render, asked), base, KNOWN))
    return grammar, asked


@pytest.mark.parametrize("style", STYLES)
def test_calibration_takes_four_requests_that_each_change_one_field(style: str) -> None:
    _, asked = calibrated(STYLES[style])
    assert len(asked) == 4
    for call in asked:
        changed = [k for k in KNOWN if edits.get(call, k) != edits.get(Refused().call(GOOD), k)]
        assert len(changed) == 1


@pytest.mark.parametrize("style", STYLES)
def test_after_calibration_missing_is_known_in_any_language(style: str) -> None:
    """A field that was sent and is called missing all the same: only what was learned says so."""
    grammar, _ = calibrated(STYLES[style])
    for missing, kind in ((True, ComplaintKind.MISSING), (False, ComplaintKind.INVALID)):
        answer = Refused(400, STYLES[style]("kind", missing))
        assert only(answer, grammar).kind is kind
    assert only(Refused(400, STYLES[style]("kind", True))).kind is ComplaintKind.INVALID


@pytest.mark.parametrize("style", STYLES)
def test_after_calibration_a_field_that_no_document_knows_is_named(style: str) -> None:
    grammar, _ = calibrated(STYLES[style])
    complaint = only(Refused(400, STYLES[style]("tax_code", True)), grammar)
    assert complaint.field is not None
    assert (complaint.field.name, complaint.undocumented) == ("tax_code", True)
    assert complaint.kind is ComplaintKind.MISSING


def test_answers_that_are_all_alike_teach_nothing() -> None:
    grammar, asked = calibrated(lambda name, missing: {"message": "Bad Request"})
    assert len(asked) == 4
    assert only(Refused(400, {"message": "Bad Request"}), grammar).field is None


def test_calibration_without_an_answer_teaches_nothing() -> None:
    async def held(call: Call) -> None:
        return None

    grammar = Grammar()
    asyncio.run(calibrate(grammar, held, Refused().call(GOOD), KNOWN))
    assert only(Refused(400, {"errors": {"kind": ["x y"]}}), grammar).field is not None


def test_calibration_needs_two_scalar_fields() -> None:
    asked: list[Call] = []
    known = documented({"name": "string", "lines": "array"})
    base = Refused().call({"name": "x", "lines": []})
    asyncio.run(calibrate(Grammar(), target(STYLES["map"], asked), base, known))
    assert asked == []


@pytest.mark.parametrize(
    ("status", "rejection", "kind"),
    [
        (400, None, ComplaintKind.INVALID),
        (404, None, ComplaintKind.REFERENCE),
        (409, None, ComplaintKind.TAKEN),
        (403, None, ComplaintKind.ACCESS),
        (200, Rejection.ABSENCE, ComplaintKind.REFERENCE),
        (200, Rejection.CONFLICT, ComplaintKind.TAKEN),
    ],
)
def test_the_status_tells_the_kind_where_words_say_nothing(
    status: int, rejection: Rejection | None, kind: ComplaintKind
) -> None:
    answer = Refused(status, {"errors": [{"field": "customer_id", "message": "xyz abc"}]})
    found = Grammar().parse(
        answer.exchange(SENT), answer.call(SENT), KNOWN, rejection or answer.rejection
    )
    assert {c.kind for c in found} == {kind}


def test_an_answer_that_names_no_field_is_about_the_state_by_its_status() -> None:
    found = only(Refused(409, {"message": "xyz abc"}))
    assert (found.field, found.kind) == (None, ComplaintKind.STATE)


def test_no_answer_complains_of_nothing() -> None:
    exchange = Exchange(Request("POST", "/orders"), Failure("timeout", "too late"))
    assert Grammar().parse(exchange, Refused().call(SENT), KNOWN, None) == frozenset()


def test_a_choice_of_fields_is_no_complaint_about_one_of_them() -> None:
    sent = {k: v for k, v in SENT.items() if k not in ("email", "customer_id")}
    found = only(Refused(400, {"message": "Either email or customer_id is required"}), None, sent)
    assert found.field is None
    assert {k.name for k in found.mentions} == {"email", "customer_id"}


def test_a_row_of_fields_is_a_complaint_about_each() -> None:
    sent = {k: v for k, v in SENT.items() if k != "email"}
    found = read(Refused(400, {"error": "Missing fields: birth_date, email"}), None, sent)
    assert told(found) == {"birth_date": ("missing", None), "email": ("missing", None)}


def test_a_quoted_value_names_the_field_it_was_sent_in() -> None:
    found = only(Refused(400, {"message": "xyz 'c-77812' abc"}))
    assert found.field == FieldKey(Place.BODY, "customer_id")


def test_the_other_fields_of_a_sentence_are_mentioned() -> None:
    found = only(Refused(400, {"message": '"count" must not be sent without "email"'}))
    assert (found.field.name, [k.name for k in found.mentions]) == ("count", ["email"])


def test_a_name_that_means_two_fields_says_so() -> None:
    known = documented({"title": "string", "lines": "array", "lines[].title": "string"})
    answer = Refused(400, {"message": "title is wrong"})
    (found,) = Grammar().parse(
        answer.exchange({"title": "x"}), answer.call({"title": "x"}), known, answer.rejection
    )
    assert (found.field.name, [k.name for k in found.mentions]) == ("title", ["lines[].title"])


def test_the_place_that_an_answer_names_counts() -> None:
    known = KNOWN | documented({"name": "string"}, Place.QUERY)
    answer = Refused(400, {"detail": [{"loc": ["query", "name"], "msg": "x y"}]})
    (found,) = answer.complaints(SENT, known)
    assert found.field == FieldKey(Place.QUERY, "name")
    beside = Refused(400, {"errors": [{"path": "name", "location": "query", "msg": "x y"}]})
    (found,) = beside.complaints(SENT, known)
    assert found.field == FieldKey(Place.QUERY, "name")


def test_a_field_in_another_place_than_documented_is_undocumented_there() -> None:
    found = only(Refused(422, {"detail": [{"loc": ["query", "name"], "msg": "x y"}]}))
    assert (found.field, found.undocumented) == (FieldKey(Place.QUERY, "name"), True)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("birth_date is wrong", "kind is wrong", True),
        ("kind must be at least 3", "kind must be at least 4", True),
        ("kind is wrong", "kind is missing", False),
    ],
)
def test_two_complaints_that_say_the_same_have_one_skeleton(
    one: str, other: str, same: bool
) -> None:
    found = [
        only(Refused(400, {"message": m, "traceId": f"9f{n}aa-12{n}c34d5e6"}))
        for n, m in enumerate((one, other))
    ]
    assert (found[0].skeleton == found[1].skeleton) is same


def test_an_item_without_the_field_is_found_though_the_answer_doesnt_say_which() -> None:
    sent = {**SENT, "lines": [{"qty": 1}, {}]}
    found = only(Refused(400, {"message": "Qty is required"}), None, sent)
    assert (found.kind, found.index) == (ComplaintKind.MISSING, 1)


PLAIN = ("code", "message", "error", "data", "type", "status", "title", "path", "field", "value")
"""Fields with the names that errors have of their own."""


@pytest.mark.parametrize("name", PLAIN)
@pytest.mark.parametrize(
    "body",
    [
        {"statusCode": 400, "error": "Bad Request", "message": '"{}" is wrong', "code": "E_BAD"},
        {"error": {"code": 17, "message": "Some Server Error", "data": {"message": "{} is wrong"}}},
        {"errors": {"{}": ["is wrong here"]}},
        {"{}": ["This is wrong."]},
        {"type": "about:blank", "title": "Not good.", "errors": [{"path": "{}", "message": "Bad"}]},
        {"detail": [{"loc": ["body", "{}"], "msg": "Wrong input", "type": "wrong"}]},
        {"error": {"issues": [{"code": "custom", "path": ["{}"], "message": "Wrong here"}]}},
        {"success": False, "message": "The {} is wrong."},
    ],
    ids=["joi", "odoo", "map", "bare map", "problem", "fastapi", "zod", "sentence"],
)
def test_a_field_is_told_from_the_members_that_errors_have(name: str, body: Any) -> None:
    known = documented(dict.fromkeys([*PLAIN, "details", "name", "id"], "string"))
    sent = {field: f"sent-{n}" for n, field in enumerate(PLAIN)}
    answer = Refused(400, json.loads(json.dumps(body).replace("{}", name)))
    found = answer.complaints(sent, known)
    assert told(found) == {name: ("invalid", None)}


def test_a_value_that_comes_back_names_the_field_it_was_sent_in() -> None:
    found = only(Refused(400, {"errors": [{"rejected": "c-77812", "message": "xyz abc"}]}))
    assert found.field == FieldKey(Place.BODY, "customer_id")


def test_the_address_that_was_asked_is_no_field() -> None:
    found = only(Refused(400, {"message": "xyz abc", "path": "/v1/orders"}))
    assert found.field is None


def test_a_path_and_a_name_in_one_item_are_read_together() -> None:
    item = {"at": "/lines/1", "params": {"missing": "qty"}, "message": "xyz abc"}
    found = only(Refused(400, [item]))
    assert (found.field.name, found.index) == ("lines[].qty", 1)


@pytest.mark.parametrize(
    "layout", ["DD.MM.YYYY", "yyyy-MM-dd", "JJ/MM/AAAA", "%Y-%m-%d", "YYYYMM", "HH:mm:ss"]
)
def test_a_layout_of_dates_is_read_in_any_language(layout: str) -> None:
    found = only(Refused(400, {"message": f"birth_date xyz {layout} abc"}))
    assert found.wants.date_layout == layout


def test_a_number_that_comes_back_names_the_field_it_was_sent_in() -> None:
    sent = {**SENT, "count": 7731}
    found = only(Refused(400, {"errors": [{"rejected": 7731, "message": "xyz abc"}]}), None, sent)
    assert found.field == FieldKey(Place.BODY, "count")


def test_answers_that_name_both_fields_teach_nothing() -> None:
    def both(name: str, missing: bool) -> Any:
        said = "mangler" if missing else "forkert"
        return {"fejl": [{"felt": n, "kode": said} for n in ("name", "birth_date")]}

    grammar, _ = calibrated(both)
    assert only(Refused(400, {"fejl": [{"felt": "kind", "kode": "mangler"}]}), grammar).kind is (
        ComplaintKind.INVALID
    )


def test_a_member_of_a_known_object_is_no_field_of_the_top() -> None:
    found = only(Refused(422, {"detail": [{"loc": ["body", "address", "name"], "msg": "x y"}]}))
    assert (found.field.name, found.undocumented) == ("address.name", True)


def test_what_has_documented_members_is_part_of_the_path_however_it_is_called() -> None:
    """`data` and `attributes` stand around the fields here, and are where the fields stand."""
    known = documented(
        {"data": "object", "data.attributes": "object", "data.attributes.a": "string"}
    )
    sent = {"data": {"attributes": {"a": "x"}}}
    pointer = {"source": {"pointer": "/data/attributes/urgency"}, "title": "urgency is required"}
    refused = Refused(422, {"errors": [pointer]})
    (found,) = refused.complaints(sent, known)
    assert found.field == FieldKey(Place.BODY, "data.attributes.urgency")
    (bare,) = refused.complaints(SENT, KNOWN)
    assert bare.field == FieldKey(Place.BODY, "urgency")


def test_the_lines_of_a_stack_name_no_field() -> None:
    text = 'Stack:\n  File "app.py", line 31, in kind\n  File "app.py", line 7\nbirth_date xyz'
    assert set(told(read(Refused(400, {"fejl": text})))) == {"birth_date"}


@pytest.mark.parametrize("kind", ["bad", "zq"])
def test_of_two_names_the_one_before_its_own_value_is_meant(kind: str) -> None:
    """Whatever stands first, and where both have the value."""
    for words in (f"Unsupported name kind '{kind}'", f"This name has no kind '{kind}'"):
        complaint = only(Refused(422, {"error": words}), sent={**SENT, "kind": kind})
        assert complaint.field == FieldKey(Place.BODY, "kind"), words
        assert complaint.mentions == (NAME,)


def test_of_two_fields_of_one_name_the_one_whose_value_is_repeated_is_meant() -> None:
    known = documented({"name": "string", "parts": "array", "parts[].name": "string"})
    sent = {"parts": [{"name": "www.other."}]}
    refused = Refused(422, {"error": "Part www.other. IN: Name is out of zone"})
    (complaint,) = Grammar().parse(
        refused.exchange(sent), refused.call(sent), known, refused.rejection
    )
    assert complaint.field == FieldKey(Place.BODY, "parts[].name")
    assert NAME in complaint.mentions


def fields_alone(name: str, missing: bool) -> Any:
    return {name: ["This field is required." if missing else "Not a choice."]}


def test_what_holds_the_words_of_an_absence_is_no_field() -> None:
    """Where a target's refusals are maps of fields, the member of its 404 looks like one."""
    grammar, _ = calibrated(fields_alone)
    refused = Refused(400, {"birth_date": ["This field is required."], "kind": ["Not a choice."]})
    assert {c.field for c in read(refused, grammar)} == {BIRTH, FieldKey(Place.BODY, "kind")}
    (complaint,) = read(Refused(404, {"detail": "Not found."}), grammar)
    assert complaint.field is None and complaint.kind is ComplaintKind.REFERENCE
    named = read(Refused(400, {"nickname": ["This field is required."]}), grammar)
    assert {c.field for c in named} == {FieldKey(Place.BODY, "nickname")}


WEIGHT, STATE = (FieldKey(Place.BODY, n) for n in ("weight", "state"))


@pytest.mark.parametrize(
    ("words", "rejection", "field"),
    [
        ("O campo weight é obrigatório", Rejection.VALIDATION, WEIGHT),
        ("Com weight falta: kind", Rejection.VALIDATION, FieldKey(Place.BODY, "kind")),
        ("O weight não permite isso", Rejection.CONFLICT, None),
        ("Not possible in this state", Rejection.VALIDATION, None),
        ("E_STATE", Rejection.VALIDATION, None),
        ("MISSING_WEIGHT", Rejection.VALIDATION, WEIGHT),
    ],
    ids=["alone", "beside a known one", "of what there is", "of another", "code", "telling code"],
)
def test_what_answers_show_counts_where_something_may_be_missing(
    words: str, rejection: Rejection, field: FieldKey | None
) -> None:
    refused = Refused(422, {"mensagem": words})
    call = refused.call(SENT)
    found = Grammar().parse(refused.exchange(SENT), call, KNOWN, rejection, (WEIGHT, STATE))
    assert {c.field for c in found} == {field}
    assert field != WEIGHT or {c.kind for c in found} == {ComplaintKind.MISSING}


def test_what_holds_the_words_of_a_state_is_no_field() -> None:
    grammar, _ = calibrated(fields_alone)
    stands = Refused(400, {"non_field_errors": ["Not possible in this state"]})
    (complaint,) = read(stands, grammar)
    assert complaint.field is None and complaint.kind is ComplaintKind.STATE
