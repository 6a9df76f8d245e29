"""Which operations may be examined side by side, and in which order they are."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from itertools import combinations

import pytest
from documented import operation
from hypothesis import given
from hypothesis import strategies as st

from checker.domain.exchange import Call
from checker.domain.operation import Operation, OperationId
from checker.domain.workflow import Step
from checker.pipeline.side_by_side import Touched, before, nouns_about, together, touched
from checker.planning.recipe import Recipe
from checker.safety.effects import Effect


def op(line: str) -> OperationId:
    method, _, path = line.partition(" ")
    return OperationId(method, path)


NAMES = {"user_id": {"type": "string"}, "size": {"type": "integer"}}


READS, MAKES = Effect.READS, "POST /users"


def reach(
    line: str, *steps: str, effect: Effect = Effect.CREATES, takes: tuple[str, ...] = ()
) -> Touched:
    """What the examination of an operation touches whose request needs the steps."""
    made = tuple(Step(s, op(s).method, op(s).path, operation=op(s)) for s in steps)
    documented = operation({"properties": {n: NAMES[n] for n in takes}}, id=op(line))
    recipe = Recipe(made, Call(op(line)), "generated")
    return touched(documented, effect, recipe, {"user", "team"})


def disturbs(one: Touched, other: Touched) -> bool:
    """Whether two examinations must not run at the same time."""
    return (
        one.alone
        or other.alone
        or any(
            not a.about.isdisjoint(b.about | b.made | b.listed) or not a.made.isdisjoint(b.listed)
            for a, b in ((one, other), (other, one))
        )
    )


@pytest.mark.parametrize(
    ("line", "nouns"),
    [
        ("POST /users", {"user"}),
        ("PUT /users/{id}", {"user"}),
        ("POST /users/{id}/orders", {"order"}),
        ("PATCH /users/{id}/orders/{order_id}", {"order"}),
        ("POST /users/{id}/activate", {"activate"}),
        ("PUT /users/{id}/address", {"address", "user"}),
        ("POST /rooms.create", {"room"}),
        ("POST /createRoom", {"room"}),
    ],
)
def test_what_an_operation_is_about(line: str, nouns: set[str]) -> None:
    assert nouns_about(op(line)) >= nouns


@pytest.mark.parametrize(
    ("one", "other", "disturb"),
    [
        # Each has its own user: only they are about them.
        (
            reach("POST /users/{id}/orders", "POST /users"),
            reach("POST /users/{id}/notes", "POST /users"),
            False,
        ),
        (reach("POST /users"), reach("POST /users/{id}/orders", "POST /users"), True),
        (reach("POST /users"), reach("PUT /users/{id}", "POST /users"), True),
        (reach("POST /users"), reach("POST /teams"), False),
        # What the one makes for itself, the other may find in a list.
        (
            reach("POST /orders", "POST /users"),
            reach("POST /teams", "GET /users"),
            True,
        ),
        (reach("POST /orders", "GET /users"), reach("POST /teams", "GET /users"), False),
        (reach("POST /users", effect=Effect.SINGLETON), reach("POST /teams"), True),
        (reach("POST /users", effect=Effect.UNKNOWN), reach("POST /teams"), True),
        (touched(operation(id=op("POST /users")), Effect.CREATES, None), reach("POST /t"), True),
        # A list shows what others make meanwhile; one own thing is the same.
        (reach("GET /users", effect=READS), reach("GET /users/{id}", MAKES, effect=READS), True),
        (reach("GET /users", effect=READS), reach("GET /users", effect=READS), False),
        (
            reach("GET /users/{id}", MAKES, effect=READS),
            reach("GET /users/{id}/notes", MAKES, effect=READS),
            False,
        ),
        # What a field refers to may be made for it.
        (reach("POST /users"), reach("POST /teams", takes=("user_id",)), True),
        (reach("POST /users"), reach("POST /teams", takes=("size",)), False),
        (reach("POST /sizes"), reach("POST /teams", takes=("size",)), False),
    ],
)
def test_who_disturbs_whom(one: Touched, other: Touched, disturb: bool) -> None:
    assert disturbs(one, other) is disturb
    assert disturbs(other, one) is disturb


def test_an_unknown_step_may_touch_anything() -> None:
    steps = (Step("s", "POST", "/anything"),)
    recipe = Recipe(steps, Call(op("POST /users")), "record")
    assert touched(operation(id=op("POST /users")), Effect.CREATES, recipe).alone


NOUNS = st.frozensets(st.sampled_from("abcd"), max_size=2)
REACHES = st.builds(Touched, NOUNS, NOUNS, NOUNS, st.sampled_from([False, False, False, True]))


@given(st.lists(REACHES, max_size=12))
def test_those_that_disturb_each_other_keep_their_order(plan: list[Touched]) -> None:
    first = before(plan)
    over: list[set[int]] = []
    for direct in first:
        over.append(direct.union(*(over[n] for n in direct)))
    for early, late in combinations(range(len(plan)), 2):
        assert early in over[late] or not disturbs(plan[early], plan[late])
        assert early not in first[late] or disturbs(plan[early], plan[late])


class Examined:
    """Examinations that begin and end one step of the loop later."""

    def __init__(self) -> None:
        self.begun: list[str] = []
        self.under_way: set[str] = set()
        self.pairs: set[frozenset[str]] = set()
        self.most = 0

    async def __call__(self, each: Operation) -> None:
        self.begun.append(str(each.id))
        self.under_way.add(str(each.id))
        self.pairs |= {frozenset(pair) for pair in combinations(sorted(self.under_way), 2)}
        self.most = max(self.most, len(self.under_way))
        for _ in range(3):
            await asyncio.sleep(0)
        self.under_way.discard(str(each.id))


def plan_of(*reaches: Touched) -> list[tuple[Operation, Touched]]:
    return [(operation(id=op(f"POST /{n}")), r) for n, r in enumerate(reaches)]


def run(plan: Sequence[tuple[Operation, Touched]], at_once: int) -> Examined:
    examined = Examined()
    asyncio.run(together(plan, examined, at_once))
    return examined


def about(noun: str) -> Touched:
    return Touched(frozenset({noun}))


def test_what_does_not_touch_runs_together() -> None:
    plan = plan_of(about("a"), about("a"), about("b"), about("c"))
    examined = run(plan, 4)
    assert examined.most == 3
    assert frozenset({"POST /0", "POST /1"}) not in examined.pairs
    assert sorted(examined.begun) == [f"POST /{n}" for n in range(4)]


def test_no_more_than_asked_for() -> None:
    plan = plan_of(*map(about, "abcdef"))
    assert run(plan, 2).most == 2
    assert run(plan, 1).begun == [f"POST /{n}" for n in range(6)]
    assert run(plan, 0).begun == [f"POST /{n}" for n in range(6)]


def test_who_is_alone_waits_and_is_waited_for() -> None:
    examined = run(plan_of(about("a"), Touched(alone=True), about("b")), 4)
    assert examined.begun == ["POST /0", "POST /1", "POST /2"]
    assert not examined.pairs


def test_the_first_failure_ends_the_others() -> None:
    ended: list[str] = []

    async def examine(each: Operation) -> None:
        if each.id.path == "/1":
            raise RuntimeError("the target has gone")
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(str(each.id))

    plan = plan_of(about("a"), about("b"), about("a"))
    with pytest.raises(RuntimeError, match="has gone"):
        asyncio.run(together(plan, examine, 4))
    assert ended == ["POST /0"]
