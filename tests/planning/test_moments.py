"""Dates in whatever layout, and what answers in XML give."""

from __future__ import annotations

import datetime as dt
import random

import pytest

from checker.domain.exchange import Response
from checker.domain.location import Location
from checker.domain.operation import OperationId
from checker.domain.schema import MISSING, Schema
from checker.planning.answered import find_identifier, identifier_of
from checker.planning.markup import content_of
from checker.planning.moments import layout_in, layout_of, others
from checker.planning.pattern_texts import from_pattern
from checker.planning.routes import CREATE, UPDATE, act_of, resource_of
from checker.planning.values import Generator
from checker.planning.variation import vary


def answer(text: str, media_type: str = "application/xml") -> Response:
    return Response(200, {"content-type": media_type}, MISSING, text)


@pytest.mark.parametrize(
    ("pattern", "layout"),
    [
        (r"^\d{2}\.\d{2}\.\d{4}$", "%d.%m.%Y"),
        (r"^[0-9]{4}/[0-9]{2}/[0-9]{2}$", "%Y/%m/%d"),
        (r"^\d\d:\d\d$", "%H:%M"),
        (r"^(\d{4})-(\d{2})-(\d{2})$", "%Y-%m-%d"),
    ],
)
def test_a_text_of_a_date_pattern_is_a_date(pattern: str, layout: str) -> None:
    rng = random.Random(3)
    made = {from_pattern(pattern, rng) for _ in range(60)}
    assert len(made) > 20
    for text in made:
        dt.datetime.strptime(text, layout)


def test_other_patterns_are_left_alone() -> None:
    assert len({from_pattern(r"^\d{3}\.\d{2}$", random.Random(n)) for n in range(20)}) > 5


def test_a_varied_date_is_a_date_of_the_same_layout() -> None:
    for shaped in (False, True):
        made = {vary("28.02.2031", n, None, shaped) for n in range(1, 400)}
        assert len(made) == 399
        assert all(dt.datetime.strptime(text, "%d.%m.%Y") for text in made)


def test_a_varied_compact_date_is_one_and_other_numbers_are_numbers() -> None:
    for shaped in (False, True):
        made = {vary("20240131", n, None, shaped) for n in range(1, 400)}
        assert len(made) == 399
        assert all(dt.datetime.strptime(text, "%Y%m%d") for text in made)
    assert vary("20249931", 5) == "20249936"
    assert layout_of("20240230") == layout_of("12345678") == ""


@pytest.mark.parametrize(
    ("words", "layout"),
    [
        ("day, YYYYMMDD", "%Y%m%d"),
        ("TT.MM.JJJJ", "%d.%m.%Y"),
        ("The day (dd/mm/yyyy).", "%d/%m/%Y"),
        ("MM/DD/YYYY", "%m/%d/%Y"),
        ("MM/YYYY", ""),
        ("COMMAND DDMM", ""),
    ],
)
def test_words_name_a_layout(words: str, layout: str) -> None:
    assert layout_in(words) == layout


def test_a_described_layout_makes_the_value() -> None:
    schema = Schema(Location("a.yaml"), types=("string",), description="day, YYYYMMDD")
    assert Generator(random.Random(0)).value(schema, "day") == "20310505"


def test_other_layouts_of_a_date() -> None:
    assert layout_of("2031-05-17T10:30:00Z") == "%Y-%m-%dT%H:%M:%SZ"
    assert others("2031-05-17", ["%d/%m/%Y"])[:2] == ["05/05/2031", "2031-05-05T10:30:00Z"]
    assert others("12:30", []) == others("1.2.3.4", []) == []


def test_xml_gives_identifiers() -> None:
    one = answer('<?xml version="1.0"?><a:boat xmlns:a="urn:x"><a:id>17</a:id></a:boat>')
    assert identifier_of(one, "boat", "boat") == ("$.boat.id", "17")
    odd = answer("<boat><id>17</id><name>a\x1e&#x1f;b</name></boat>")
    assert content_of(odd) == {"boat": {"id": "17", "name": "ab"}}
    many = answer('<boats n="2"><boat><id>4</id></boat><boat><id>5</id></boat></boats>')
    assert content_of(many) == {"boats": {"n": "2", "boat": [{"id": "4"}, {"id": "5"}]}}
    assert find_identifier(content_of(many), "boat_id", "boat") == ("$.boats.boat[0].id", "4")


@pytest.mark.parametrize(
    ("text", "media_type"),
    [
        ("OK 17", "text/plain"),
        ("<html><body>no</body></html>", "text/html"),
        ("<open>", "application/xml"),
        ('<!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>', "application/xml"),
    ],
)
def test_what_is_no_xml_gives_nothing(text: str, media_type: str) -> None:
    assert content_of(answer(text, media_type)) is MISSING


def test_an_identifier_in_another_spelling() -> None:
    body = {"order_no": "1004", "no": "x", "id": 1}
    assert find_identifier(body, "orderNo", "order") == ("$.order_no", "1004")
    assert find_identifier({"orderNo": 5, "order_no": 6}, "order_no") == ("$.order_no", 6)


def test_scripts_have_their_verb_behind_the_resource() -> None:
    new, edit = OperationId("POST", "/room_new.php"), OperationId("POST", "/room_edit.php")
    assert [resource_of(o.path) for o in (new, edit)] == ["room", "room"]
    assert [act_of(o) for o in (new, edit)] == [CREATE, UPDATE]
    assert resource_of("/payment_info") == "payment_info"
