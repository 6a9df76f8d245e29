"""Values worth a try: what answers about the same resource have, and what registries publish."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import pytest
from documented import operation, schema

from checker.domain.location import Location
from checker.domain.operation import DocumentedResponse, Field, FieldKey, OperationId, Place
from checker.domain.portal import Portal
from checker.planning.answered import find_identifier
from checker.planning.candidates import Candidates
from checker.planning.hints import address_format
from checker.planning.producers import kin
from checker.planning.registries import registered
from checker.planning.routes import unprefixed
from checker.planning.values import Generator

TEXT = {"type": "string"}


def fields(path: str, **shown: dict[str, str]) -> dict[str, Field]:
    made = operation({"type": "object", "properties": shown}, id=OperationId("POST", path))
    return {k.name: f for k, f in made.fields.items()}


def test_answers_about_the_same_resource_come_before_another_ones_enum() -> None:
    made = operation(
        {"type": "object", "properties": {"kind": TEXT}}, id=OperationId("POST", "/boxes/{id}/tags")
    )
    other = operation(
        {"type": "object", "properties": {"kind": {**TEXT, "enum": ["wood", "tin"]}}},
        id=OperationId("POST", "/boxes"),
    )

    class Two(Portal):
        def operations(self):  # type: ignore[no-untyped-def]
            return [other, made]

    candidates = Candidates(Two())
    field = made.fields[FieldKey(Place.BODY, "kind")]
    assert candidates.of(made, field) == ["wood", "tin"]
    candidates.learn("/boxes/{id}/tags", [{"kind": "red", "x": 1}, {"kind": "blue"}])
    assert candidates.of(made, field) == ["red", "blue", "wood", "tin"]
    assert candidates.learned(made, field.key, "red")
    assert not candidates.learned(made, field.key, "wood")
    assert candidates.of(other, other.fields[field.key]) == ["wood", "tin"]


def test_a_wider_enum_under_another_name_gives_candidates() -> None:
    def of(*values: str) -> dict[str, Any]:
        return {**TEXT, "enum": list(values)}

    made = operation(
        {"type": "object", "properties": {"why": of("lost", "spam"), "way": of("left", "up")}},
        id=OperationId("POST", "/boxes/{id}/close"),
    )
    answer = schema(
        {"type": "object", "properties": {"closed": of("spam", "lost", "old"), "at": of("left")}}
    )
    where = Location("api.json", "/responses/200")
    shown = DocumentedResponse("200", where, content={"application/json": answer})
    made = replace(made, responses=(shown,))

    class One(Portal):
        def operations(self):  # type: ignore[no-untyped-def]
            return [made]

    candidates = Candidates(One())
    assert candidates.of(made, made.fields[FieldKey(Place.BODY, "why")]) == ["lost", "spam", "old"]
    assert candidates.of(made, made.fields[FieldKey(Place.BODY, "way")]) == ["left", "up"]


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("SOA-EDIT", True),
        ("image/png", True),
        ("ns:term", True),
        ("v1.2", True),
        ("someone@example.com", False),
        ("https://example.com/a", False),
        ("Two words", False),
        ("+4930123456", False),
        ("2031-05-17", False),
        ("x" * 61, False),
        ("", False),
    ],
)
def test_only_terms_are_learned_from_answers(text: str, kept: bool) -> None:
    made = operation({"type": "object", "properties": {"kind": TEXT}})
    candidates = Candidates(Portal())
    candidates.learn(made.id.path, {"data": [{"kind": text}]})
    assert candidates.learned(made, FieldKey(Place.BODY, "kind"), text) is kept


@pytest.mark.parametrize(
    ("name", "around", "first"),
    [
        ("algorithm", "The algorithm of the TSIG key", "hmac-sha256"),
        ("alg", "JWK of the client", "RS256"),
        ("hashAlgorithm", "", "sha256"),
        ("currency", "", "USD"),
        ("countryCode", "", "US"),
        ("time_zone", "", "UTC"),
        ("contentType", "", "application/json"),
        ("method", "HTTP method of the callback", "GET"),
    ],
)
def test_registries_know_standard_names(name: str, around: str, first: str) -> None:
    assert registered(name, around)[0] == first


@pytest.mark.parametrize("name", ["name", "type", "method", "payment_method", "kind", "code", ""])
def test_registries_know_nothing_of_other_names(name: str) -> None:
    assert registered(name, "What it is") == []


def test_a_sample_of_a_large_registry_says_nothing_about_a_set() -> None:
    own = fields("/orders", currency=TEXT, algorithm=TEXT, free={**TEXT, "format": "date"})
    made = operation(id=OperationId("POST", "/orders"))
    assert "EUR" in Candidates.standard(made, own["currency"])
    assert Candidates.standard(made, own["currency"], large=False) == []
    assert Candidates.standard(made, own["algorithm"], large=False)
    assert Candidates.standard(made, own["free"]) == []


def test_an_algorithm_of_no_known_sort_has_the_first_of_each() -> None:
    assert registered("algorithm")[:3] == ["sha256", "RS256", "hmac-sha256"]


def test_beside_a_value_that_is_right_only_its_own_registry_counts() -> None:
    assert set(registered("algorithm", like="sha256")) >= {"sha512", "md5", "SHA256"}
    assert "RS256" not in registered("algorithm", like="sha256")
    assert registered("algorithm", like="zq") == []
    assert {"day", "quarter"} <= set(registered("period", like="month"))
    assert registered("period", like="morning") == []


@pytest.mark.parametrize(
    ("name", "resource", "rest"),
    [
        ("tag_kind", "tag", ["kind"]),
        ("tagDisplayName", "tag", ["display_name", "displayName", "display-name"]),
        ("kind", "tag", []),
        ("tag", "tag", []),
        ("stage_kind", "tag", []),
        ("kind", "", []),
    ],
)
def test_a_name_without_its_resource(name: str, resource: str, rest: list[str]) -> None:
    assert unprefixed(name, resource) == rest


def test_a_paths_parameter_is_the_member_that_its_name_says() -> None:
    body = [{"id": 7, "kind": "red"}]
    assert find_identifier(body, "tag_kind", "tag") == ("$[0].kind", "red")
    assert find_identifier(body, "tag_id", "tag") == ("$[0].id", 7)
    assert find_identifier(body, "kind_of", "tag") == ("$[0].id", 7)


def test_what_is_asked_for_by_another_name_goes_by_the_resource_s_own_identifier() -> None:
    body = {"result": {"name": "north", "fieldId": "f7"}}
    assert find_identifier(body, "pastureId", "field") == ("$.result.fieldId", "f7")
    assert find_identifier({"id": 3, **body}, "pastureId", "field") == ("$.id", 3)
    assert find_identifier({"pasture_id": 4, **body}, "pastureId", "field") == ("$.pasture_id", 4)


@pytest.mark.parametrize("member", ["species_id", "seriesId"])
def test_a_noun_that_is_its_own_plural_names_its_identifier(member: str) -> None:
    noun = member[:-2].rstrip("_")
    body = {"items": [{member: 1001, "name": "North coral"}]}
    assert find_identifier(body, f"{noun}_ref", f"{noun}_list") == (f"$.items[0].{member}", 1001)


def test_kin_lists_or_reads_the_same_resource() -> None:
    routes = ["GET /a/{x}/b", "GET /a/{x}/b/{y}", "GET /a", "GET /b", "POST /a/{x}/b"]
    known = [operation(id=OperationId.parse(r)) for r in routes]
    found = [str(o.id) for o in kin(OperationId.parse("PUT /a/{q}/b/{z}"), known)]
    assert found == ["GET /a/{x}/b", "GET /a/{x}/b/{y}"]
    assert [str(o.id) for o in kin(OperationId.parse("POST /a/{q}/b"), known)] == ["GET /a/{x}/b"]


@pytest.mark.parametrize(
    ("words", "fmt"),
    [
        ("List of IP addresses of the primaries", "ipv4"),
        ("IPv6 address", "ipv6"),
        ("The IPv4-address.", "ipv4"),
        ("An address of the shop", None),
        ("The tip address", None),
    ],
)
def test_words_that_say_it_is_an_address(words: str, fmt: str | None) -> None:
    assert address_format(words) == fmt


def test_items_go_by_their_arrays_words() -> None:
    shown = {"type": "array", "items": TEXT, "description": "IP addresses of the peers."}
    (value,) = Generator(random.Random(1)).value(schema(shown), "peers")
    assert value.startswith("192.0.2.")
