"""What the clean-up finds out of operations that delete: which credentials, and whether they are
there. It sends nothing else than deletions of what the run has made itself."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, Self

import pytest
from keeping_shop import DIRECT, NAME, TOKEN, Shop, document, open_shop

from checker.domain.run import RunResult
from checker.pipeline import run
from checker.probing.http import Wire
from checker.settings import Settings, Target, Token

BOSS = "another-token-that-nobody-may-see"
DELETION = "DELETE /items/{id}"
THEIRS = {900: {"id": 900, "name": "somebody's", "size": 1}}
Guard = Callable[[str, str], tuple[int, Any] | None]


def truthful(words: str = "", *, security: bool = True) -> dict[str, Any]:
    """The shop's document; `words` describe the deletion of an item."""
    made = document()
    for kind in ("items", "boxes"):
        content = made["paths"][f"/{kind}"]["post"]["requestBody"]["content"]
        schema = {"type": "object", "properties": NAME, "required": ["name"]}
        content["application/json"]["schema"] = schema
    deletion = made["paths"]["/items/{id}"]["delete"]
    deletion["responses"] |= {s: {"description": "no"} for s in ("403", "405", "409")}
    if words:
        deletion["description"] = words
    if not security:
        deletion["security"] = []
    return made


def checked(
    folder: Path, shop: Shop, made: dict[str, Any], *types: str, fallback: bool = False
) -> RunResult:
    (folder / "shop.json").write_text(json.dumps(made))
    values = {"staff": TOKEN, "boss": BOSS}
    tokens = {name: Token(name, values[name]) for name in types or ("staff",)}
    shop.credentials |= {values[name] for name in tokens}
    target = Target(base_url=shop.url, tokens=tokens)
    if fallback:
        target = replace(target, fallback_url=shop.url + DIRECT)
    return run(Settings(paths=(folder,), targets=(target,), fuzz=False))


def found(result: RunResult) -> list[tuple[str, str]]:
    own = [f for f in result.findings if f.operation == DELETION]
    return sorted((f.rule, f.field.name) for f in own)


def status(result: RunResult) -> str:
    return next(o.status for o in result.operations if str(o.operation) == DELETION)


def deletes(line: str) -> bool:
    return line.startswith("DELETE /items/")


def no_method(line: str, credential: str) -> tuple[int, Any] | None:
    return (405, {"error": "no such method"}) if deletes(line) else None


def no_route(line: str, credential: str) -> tuple[int, Any] | None:
    return (404, {"error": "no such route"}) if deletes(line) else None


def another_404(line: str, credential: str) -> tuple[int, Any] | None:
    return (404, {"error": "not for you"}) if deletes(line) else None


def in_use(line: str, credential: str) -> tuple[int, Any] | None:
    return (409, {"error": "no such route"}) if deletes(line) else None


@pytest.mark.parametrize(
    ("guard", "rules"),
    [
        (no_method, [("operation-missing", "")]),
        (no_route, [("operation-missing", "")]),
        (another_404, []),
        (in_use, []),
    ],
)
def test_a_deletion_that_the_server_does_not_have_is_told(
    tmp_path: Path, guard: Guard, rules: list[tuple[str, str]]
) -> None:
    """The things are there still, and others are never touched."""
    with open_shop() as shop:
        shop.kept["items"] |= THEIRS
        shop.guard = guard
        result = checked(tmp_path, shop, truthful())
        assert not [line for line in shop.log if line == "DELETE /items/900"]
    assert found(result) == rules
    assert status(result) == ("partial" if rules else "skipped")


@pytest.mark.parametrize("guard", [no_method, no_route, in_use], ids=["method", "route", "use"])
def test_what_only_the_fallback_address_deletes(tmp_path: Path, guard: Guard) -> None:
    with open_shop() as shop:
        shop.kept["items"] |= THEIRS
        shop.guard = guard
        result = checked(tmp_path, shop, truthful(), fallback=True)
        assert list(shop.kept["items"]) == list(THEIRS), "what was made is removed there"
        assert not [line for line in shop.log if line.endswith("/items/900") and "DELETE" in line]
    assert found(result) == [("gateway-mismatch", "")]
    assert status(result) == "partial"


def test_each_credential_is_tried_at_the_fallback_address(tmp_path: Path) -> None:
    """The one that may not delete there is led to a login."""
    with open_shop() as shop:

        def guard(line: str, credential: str) -> tuple[int, Any] | None:
            if deletes(line):
                return 403, {"error": "not here"}
            led = line.startswith(f"DELETE {DIRECT}") and credential == BOSS
            return (302, {"error": "sign in"}) if led else None

        shop.guard = guard
        result = checked(tmp_path, shop, truthful(WORDS), "staff", "boss", fallback=True)
        assert not shop.kept["items"]
    assert "gateway-mismatch" in dict(found(result))


def test_what_has_gone_by_itself_says_nothing(tmp_path: Path) -> None:
    """Everything is answered as a nonsense route is once it has gone, deletions as well."""
    with open_shop() as shop:

        def guard(line: str, credential: str) -> tuple[int, Any] | None:
            if deletes(line):
                shop.kept["items"].pop(int(line.rpartition("/")[2]), None)
                return 404, {"error": "no such route"}
            return None

        shop.guard = guard
        assert found(checked(tmp_path, shop, truthful())) == []


@pytest.mark.parametrize(
    ("words", "by_state", "told"),
    [
        ("", True, True),
        ("A sent one can't be deleted.", True, False),
        ("", False, False),
    ],
    ids=["not documented", "documented", "whatever the state"],
)
def test_states_in_which_nothing_is_deleted(
    tmp_path: Path, words: str, by_state: bool, told: bool
) -> None:
    """Every third thing stays, in a state of its own or not."""
    with open_shop() as shop:
        shop.kept["items"] |= THEIRS

        def stays(number: int) -> bool:
            return number % 3 == 0

        def mark(thing: dict[str, Any]) -> None:
            thing["status"] = "sent" if by_state and stays(thing["id"]) else "draft"

        def guard(line: str, credential: str) -> tuple[int, Any] | None:
            refused = deletes(line) and stays(int(line.rpartition("/")[2]))
            return (409, {"error": "no"}) if refused else None

        shop.mark, shop.guard = mark, guard
        made = truthful(words)
        made["paths"]["/items/{id}"]["delete"]["responses"]["409"] = {"description": "Conflict"}
        result = checked(tmp_path, shop, made)
        assert not [line for line in shop.log if line == "DELETE /items/900"]
        assert all(map(stays, shop.kept["items"])), "what can be deleted is"
    issues = [f.issue for f in result.findings if f.rule == "lifecycle-undocumented"]
    assert len(issues) == told
    for issue in issues:
        assert f"`{DELETION}` is accepted for an item that is `draft` and answered 409" in issue


WORDS = "Available for **staff** and **boss** tokens."
ALONE = "Available for **staff** tokens."


def boss_may_not(line: str, credential: str) -> tuple[int, Any] | None:
    return (403, {"error": "no"}) if deletes(line) and credential == BOSS else None


def boss_gets_400(line: str, credential: str) -> tuple[int, Any] | None:
    return (400, {"error": "denied"}) if deletes(line) and credential == BOSS else None


@pytest.mark.parametrize(
    ("words", "security", "open_to", "guard", "rules"),
    [
        (WORDS, True, (), None, []),
        (WORDS, True, (), boss_may_not, [("token-rejected", "boss")]),
        (WORDS, True, (), boss_gets_400, [("status-undocumented", ""), ("token-rejected", "boss")]),
        (ALONE, True, (), boss_may_not, []),
        (ALONE, True, (), None, [("token-undocumented", "boss")]),
        ("", False, (), None, [("token-undocumented", "")]),
        ("", False, ("",), None, []),
        (WORDS, True, ("",), None, [("auth-not-enforced", "")]),
    ],
)
def test_which_credentials_a_deletion_takes(
    tmp_path: Path,
    words: str,
    security: bool,
    open_to: tuple[str, ...],
    guard: Guard | None,
    rules: list[tuple[str, str]],
) -> None:
    with open_shop() as shop:
        shop.kept["items"] |= THEIRS
        everyone = set(open_to)
        shop.guard = lambda line, credential: (
            (401, {"error": "who are you"})
            if not credential and not deletes(line)
            else guard(line, credential)
            if guard
            else None
        )
        shop.credentials |= everyone
        result = checked(tmp_path, shop, truthful(words, security=security), "staff", "boss")
        assert shop.kept == {"items": THEIRS, "boxes": {}}
        assert shop.deleted == shop.made
        anonymous = [line for line in shop.log if deletes(line)]
    assert found(result) == rules
    assert anonymous


def test_a_refusal_that_looks_like_a_success_deletes_and_tells_nothing(tmp_path: Path) -> None:
    with open_shop() as shop:
        shop.credentials |= {""}

        def guard(line: str, credential: str) -> tuple[int, Any] | None:
            if not credential:
                return (200, {"state": 7}) if deletes(line) else (401, {"error": "who are you"})
            return None

        shop.guard = guard
        result = checked(tmp_path, shop, truthful(ALONE), "staff")
        assert shop.left == 0
    assert not [rule for rule, _ in found(result) if rule == "auth-not-enforced"]


def test_a_credential_that_may_have_ended_is_not_tried(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = Wire.__init__

    def doubting(wire: Wire, *given: Any, **options: Any) -> None:
        begun(wire, *given, **options)
        wire.doubted = _Always({"boss"})

    monkeypatch.setattr(Wire, "__init__", doubting)
    with open_shop() as shop:
        shop.guard = boss_may_not
        assert found(checked(tmp_path, shop, truthful(WORDS), "staff", "boss")) == []


class _Always(set[str]):
    def __isub__(self, _: object) -> Self:
        """What is accepted with it takes no doubt away."""
        return self
