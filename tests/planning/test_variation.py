from __future__ import annotations

import ipaddress
import re

import pytest
from documented import POST, operation
from hypothesis import assume, given
from hypothesis import strategies as st

from checker.domain.exchange import Call
from checker.domain.location import Location
from checker.domain.operation import FieldKey, OperationId, Place
from checker.domain.schema import Schema
from checker.planning.nobodys_hosts import split_at_host
from checker.planning.variation import countable, free_form, vary

NUMBERS = st.integers(0, 2**42)


def schema(**keywords: object) -> Schema:
    return Schema(Location("a.yaml"), **keywords)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("value", "pattern"),
    [
        ("ABC123", r"^[A-Z]{3}[0-9]{3}$"),
        ("ab-12", r"^[a-z]{2}-\d{2}$"),
        ("x", r"^[a-z]+$"),
        ("ada@example.com", r"^[A-Za-z0-9._+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,10}$"),
    ],
)
@given(number=NUMBERS)
def test_a_varied_value_keeps_to_the_pattern(value: str, pattern: str, number: int) -> None:
    made = vary(value, number, schema(types=("string",), pattern=pattern))
    assert re.search(pattern, made)


@given(
    st.text("abcXYZ019 @.-", min_size=1, max_size=30),
    NUMBERS,
    st.integers(1, 30),
)
def test_a_varied_value_keeps_to_the_lengths(value: str, number: int, longest: int) -> None:
    made = vary(value[:longest], number, schema(types=("string",), max_length=longest))
    assert len(made) <= longest


@given(st.text("abcXYZ019 @.-é", min_size=1), NUMBERS)
def test_a_shaped_change_keeps_the_kind_of_each_character(value: str, number: int) -> None:
    assume(split_at_host(value) is None)
    made = vary(value, number, None, shaped=True)
    assert len(made) == len(value)
    for before, after in zip(value, made, strict=True):
        if before.isascii() and before.isalnum():
            assert (before.isdigit(), before.islower()) == (after.isdigit(), after.islower())
        else:
            assert before == after


@given(st.integers(3, 9), NUMBERS)
def test_numbers_stay_between_the_bounds(value: int, number: int) -> None:
    made = vary(value, number, schema(types=("integer",), minimum=3, maximum=9))
    assert 3 <= made <= 9
    assert vary(max(4, value - 1), number, schema(minimum=3, exclusive_minimum=True, maximum=9)) > 3


@pytest.mark.parametrize("value", ["abc", "ABC123", "a@example.com", "2031-05-17", 7, "12345"])
@pytest.mark.parametrize("shaped", [False, True])
def test_numbers_in_a_row_give_different_values(value: object, shaped: bool) -> None:
    made = [vary(value, number, None, shaped) for number in range(1_000_000, 1_000_100)]
    assert len(set(made)) == 100


def test_a_number_of_few_digits_as_a_text_is_not_used_up() -> None:
    made = [vary("7", number) for number in range(1_000_000, 1_000_100)]
    assert len(set(made)) == 100 and all(text.isdigit() for text in made)
    short = schema(types=("string",), max_length=2)
    assert all(len(vary("07", number, short)) == 2 for number in range(1_000_000, 1_000_100))


def test_what_may_have_to_be_unique() -> None:
    call = Call(
        OperationId("POST", "/a"),
        body={"name": "x", "day": "2031-05-17", "n": 3, "on": True, "of": "{{a_id}}", "no": ""},
    )
    assert [k.name for k in free_form(call, None)] == ["name"]
    assert countable(call, None) == (FieldKey(Place.BODY, "day"), FieldKey(Place.BODY, "n"))


def test_each_text_of_a_list_may_have_to_be_unique() -> None:
    call = Call(POST, body={"labels": ["a1", "b2"], "numbers": [1, 2], "closed": ["x"]})
    closed = {"type": "array", "items": {"type": "string", "enum": ["x", "y"]}}
    documented = operation({"type": "object", "properties": {"closed": closed}})
    assert [k.name for k in free_form(call, documented)] == ["labels"]
    before, after = (vary(call.body["labels"], number) for number in (3, 4))
    assert all(old != new for old, new in zip(before, after, strict=True))


def test_an_address_stays_an_address() -> None:
    for address, network in (("192.0.2.245", "192.0.2.0/24"), ("2001:db8::7", "2001:db8::/112")):
        varied = {vary(address, number) for number in range(0, 900, 7)}
        assert all(ipaddress.ip_address(v) in ipaddress.ip_network(network) for v in varied)
        assert len(varied) > 100
