"""Variables: built-ins, precedence, substitution."""

from __future__ import annotations

import json
import random
import re
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checker.errors import WorkflowError
from checker.planning.variables import BUILT_INS, Scope, Ticker, substitute, variables_in

NOON = datetime(2026, 2, 27, 12, tzinfo=UTC).timestamp()


def scope(**given_: object) -> Scope:
    return Scope(
        given=given_,
        rng=random.Random(1),
        clock=lambda: NOON,
        webhook_url="http://h/",
        ticker=Ticker(),
    )


@pytest.mark.parametrize(
    ("name", "pattern"),
    [
        ("now_timestamp", r"1772193600000"),
        ("now_datetime", "2026-02-27T12:00:00Z"),
        ("today_date", "2026-02-27"),
        ("tomorrow_date", "2026-02-28"),
        ("tomorrow_datetime", "2026-02-28T12:00:00Z"),
        ("next_week_date", "2026-03-06"),
        ("next_week_datetime", "2026-03-06T12:00:00Z"),
        ("next_month_date", "2026-03-29"),
        ("yesterday_date", "2026-02-26"),
        ("future_datetime", r"2026-03-1\dT12:00:00Z"),
        ("random_string", r"[a-z0-9]{10}"),
        ("random_email", r"[a-z0-9]+@example\.com"),
        ("random_phone", r"\+1555\d{7}"),
        ("uuid", r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"),
        ("webhook_url", "http://h/"),
    ],
)
def test_built_ins(name: str, pattern: str) -> None:
    assert re.fullmatch(pattern, scope().get(name))


def test_the_list_of_built_ins_is_whole() -> None:
    assert len(BUILT_INS) == 15
    for name in BUILT_INS:
        assert scope().has(name) and isinstance(scope().get(name), str)


@pytest.mark.parametrize("name", ["now_timestamp", "random_string", "random_email", "uuid"])
def test_no_value_comes_twice_though_the_clock_stands_or_goes_back(name: str) -> None:
    times = iter([NOON, NOON, NOON - 5, NOON + 0.001] * 50)
    first = Scope(clock=lambda: next(times))
    second, child = Scope(clock=lambda: NOON), first.child()
    values = [s.get(name) for _ in range(50) for s in (first, second, child)]
    assert len(set(values)) == len(values)


def test_runs_differ_by_time_though_the_seed_is_the_same() -> None:
    def run(at: float) -> list[str]:
        made = Scope(rng=random.Random(7), clock=lambda: at, ticker=Ticker())
        return [made.get(n) for n in ("uuid", "random_string", "now_timestamp")]

    assert run(NOON) == run(NOON)
    assert not set(run(NOON)) & set(run(NOON + 60))


def test_precedence() -> None:
    made = scope(a="given", uuid="fixed")
    assert (made.get("a"), made.get("uuid")) == ("given", "fixed")
    made.set("a", 5)
    child = made.child()
    child.set("b", 1)
    assert (child.get("a"), made.get("a"), made.has("b")) == (5, 5, False)
    child.set("a", 6)
    assert (child.get("a"), made.get("a")) == (6, 5)


def test_unknown_variables_say_where_they_could_come_from() -> None:
    with pytest.raises(WorkflowError, match=r"\{\{bussiness\}\}.*\{\{business\}\} meant.*--var"):
        scope(business="1").get("bussiness")
    with pytest.raises(WorkflowError, match=r"no webhook listener runs.*--webhook-url"):
        Scope().get("webhook_url")


def test_types() -> None:
    made = scope()
    made.set("n", 5)
    made.set("list", [1, {"a": None}])
    made.set("yes", True)
    value = {"{{yes}}": ["{{n}}", "{{ list }}", "n={{n}} {{yes}} {{list}}"], "x": None, "y": 1.5}
    assert substitute(value, made) == {
        "true": [5, [1, {"a": None}], 'n=5 true [1, {"a": null}]'],
        "x": None,
        "y": 1.5,
    }


NAMES = st.sampled_from(["a", "b_c", "d.e"])
TEXTS = st.one_of(st.text(max_size=8).filter(lambda t: "{" not in t), NAMES.map("{{%s}}".__mod__))
VALUES = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), TEXTS),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=12,
)
JSONS = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=5)),
    lambda inner: st.lists(inner, max_size=2),
    max_leaves=4,
)


@given(VALUES, st.fixed_dictionaries({"a": JSONS, "b_c": JSONS, "d.e": JSONS}))
def test_substitution_fills_everything_and_nothing_else(value: object, values: dict) -> None:
    before = json.dumps(value)
    made = Scope(given=values)
    filled = substitute(value, made)
    assert json.dumps(value) == before
    assert variables_in(value) <= set(values)
    if not variables_in(value):
        assert filled == value
    if not variables_in(list(values.values())):
        assert not variables_in(filled)


@given(NAMES, JSONS)
def test_a_whole_template_keeps_the_type(name: str, value: object) -> None:
    assert substitute([f"{{{{ {name} }}}}"], Scope(given={name: value})) == [value]
