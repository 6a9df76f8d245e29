"""Made-up addresses reach nobody."""

from __future__ import annotations

import pytest
from hypothesis import given, strategies

from checker.planning.nobodys_hosts import reaching_nobody, split_at_host
from checker.planning.variation import vary


@pytest.mark.parametrize(
    ("made", "sent"),
    [
        ("du@wd.frb.net", "du@example.com"),
        ("https://q0t.com/x?y=1", "https://example.com/x?y=1"),
        ("http://me:pw@l.io:8080", "http://me:pw@example.com:8080"),
        ("ada@corp.example", "ada@corp.example"),
        ("https://a.example.org/x", "https://a.example.org/x"),
        ("http://localhost:9", "http://localhost:9"),
        ("@name", "@name"),
        ("a sentence at 3.5", "a sentence at 3.5"),
        ({"to": ["x@h.net"], "n": 1}, {"to": ["x@example.com"], "n": 1}),
    ],
)
def test_what_is_generated(made: object, sent: object) -> None:
    assert reaching_nobody(made) == sent


@given(strategies.integers(0, 99_999), strategies.booleans())
def test_a_variant_has_the_host_of_what_it_is_one_of(number: int, shaped: bool) -> None:
    for value in ("ada.eriksen84@acme.test", "https://acme.test/shop/54", "https://acme.test"):
        before, after = split_at_host(value), split_at_host(vary(value, number, None, shaped))
        assert before is not None and after is not None and before[1] == after[1]


@given(strategies.emails())
def test_any_address(address: str) -> None:
    parts = split_at_host(reaching_nobody(address))
    assert parts is None or parts[1].rpartition(".")[2] in ("com", "org", "net", "test", "invalid")
    assert parts is None or parts[1].endswith(("example.com", "example.org", "example.net"))
