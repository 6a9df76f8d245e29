from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from checker.domain.finding import Finding
from checker.drift.rule import Case
from checker.drift.rules.enum_undocumented import EnumUndocumented
from checker.drift.rules.format_mismatch import FormatMismatch
from checker.experiments.enumeration import Enumeration
from checker.experiments.formats import Formats, battery, neighbours
from checker.inference.patterns import NAMED, learn

from .harness import contract, lab, operation, run

TEXT = {"type": "string"}


def found(
    pattern: str,
    witness: str,
    schema: Mapping[str, Any] = TEXT,
    name: str = "value",
    unique: bool = False,
    there: Sequence[str] = (),
) -> tuple[list[Finding], int]:
    documented = operation({"type": "object", "properties": {name: schema, "note": TEXT}})

    async def go() -> tuple[list[Finding], int]:
        taken = set(there)

        def validate(request: Any) -> bool | int:
            value = request.body.get(name, "")
            if re.fullmatch(pattern, value) is None:
                return False
            if unique and value in taken:
                return 409
            taken.add(value)
            return True

        body = {name: witness, "note": "words"}
        async with lab(documented, validate, body, vary=unique) as (context, server):
            await run(context, Enumeration())
            before = len(server.requests)
            await run(context, Formats())
            assert not context.lab.broken
            sent = len(server.requests) - before
            case = Case(documented.id, contract(context), documented)
            return list(FormatMismatch().check(case)), sent

    return asyncio.run(go())


DAY = r"\d{4}-\d\d-\d\d"
SPEAKS = {
    "digits": (r"\d+", "5551234", TEXT, "digits"),
    "seven digits": (r"\d{7}", "5551234", TEXT, "digits"),
    "E.164": (r"\+\d{7,15}", "+15551234567", TEXT, "phone"),
    "phone without +": (r"\d{7,15}", "15551234567", TEXT, "digits"),
    "phone with or without +": (r"\+?\d{7,15}", "+15551234567", TEXT, "phone-digits"),
    "a day": (DAY, "2030-01-02", TEXT, "date"),
    "a moment where a day is documented": (
        DAY + r"T\d\d:\d\d:\d\dZ",
        "2031-05-17T10:30:00Z",
        {**TEXT, "format": "date"},
        "date-time",
    ),
    "a time": (r"\d\d:\d\d", "10:45", TEXT, "time"),
    "no underscores": (r"[^_]+", "alpha", TEXT, "without-underscores"),
    "no spaces": (r"[^ ]+", "alpha", TEXT, "without-spaces"),
    "no spaces or underscores": (r"[^ _]+", "alpha", TEXT, "without-underscores-spaces"),
    "an ISBN": (
        r"97[89]-\d-\d\d-\d{6}-\d",
        "978-3-16-148410-0",
        TEXT,
        r"^[0-9]{3}-[0-9]-[0-9]{2}-[0-9]{6}-[0-9]$",
    ),
    "a letter and digits": (r"[A-Z]\d{3}", "W001", TEXT, r"^[A-Z][0-9]{3}$"),
    "a code": (r"[A-Z]{2}-\d{4}", "AB-1234", TEXT, r"^[A-Z]{2}-[0-9]{4}$"),
    "a number with its country": (r"\+49\d{8,11}", "+4930123456", TEXT, r"^\+[0-9]{10,}$"),
    "a colour": (r"#[0-9a-f]{6}", "#1a2b3c", TEXT, r"^#[0-9a-f]{6}$"),
    "a version": (r"\d+\.\d+\.\d+", "1.4.2", TEXT, r"^[0-9]+\.[0-9]+\.[0-9]+$"),
    "a version with more behind it": (
        r"\d+\.\d+\.\d+(-[a-z]+)?",
        "1.4.2",
        TEXT,
        r"^[0-9]+\.[0-9]+\.[0-9]+",
    ),
    "marks anywhere": (r"[A-Za-z0-9-]{7}", "AB-1234", TEXT, "^[A-Za-z0-9-]{7}$"),
    "a fixed beginning": (r"LOT\d\d/[A-Z]", "LOT42/B", TEXT, r"^[A-Z]{3}[0-9]{2}/[A-Z]$"),
    "a day with dots": (
        r"[0-3]\d\.[01]\d\.\d{4}",
        "17.05.2031",
        TEXT,
        r"^[0-9]{2}\.[0-9]{2}\.[0-9]{4}$",
    ),
    "a day of which the first digit has a limit": (
        r"[0-3]\d\.[01]\d\.\d{4}",
        "06.05.2035",
        TEXT,
        r"^[0-9]{2}\.[0-9]{2}\.[0-9]{4}$",
    ),
    "a day in the documented format is refused": (
        r"[0-3]\d/[01]\d/\d{4}",
        "03/03/2030",
        {**TEXT, "format": "date"},
        r"^[0-9]{2}/[0-9]{2}/[0-9]{4}$",
    ),
    "groups of digits": (
        r"\+\d{2} \d{3} \d{6}",
        "+08 150 945216",
        TEXT,
        r"^\+[0-9]{2} [0-9]{3} [0-9]{6}$",
    ),
    "groups of capitals and digits": (
        r"[A-Z]{2}\d{2} \d{4} \d{4}",
        "DE89 3704 0044",
        TEXT,
        r"^[A-Z]{2}[0-9]{2} [0-9]{4} [0-9]{4}$",
    ),
    "digits with a fixed beginning": (r"0\d{10}", "00688766818", TEXT, r"^[0-9]{11}$"),
    "an amount": (r"\d{1,7}\.\d{2}", "1814.48", TEXT, r"^[0-9]+\.[0-9]{2}$"),
    "any amount": (r"\d+(\.\d+)?", "1814.48", TEXT, "amount"),
    "words with hyphens": (r"[a-z0-9]+(-[a-z0-9]+)*", "north-gate-2", TEXT, "kebab"),
    "a slug": (r"[a-z0-9-]+", "alpha", TEXT, "slug"),
    "letters and digits": (r"[A-Za-z0-9]+", "alpha1", TEXT, "alphanumeric"),
    "three capitals": (r"[A-Z]{3}", "EUR", TEXT, "uppercase"),
    "date-time for a date": (
        DAY + r"T\d\d:\d\d:\d\dZ",
        "2030-01-02T10:00:00Z",
        {"type": "string", "format": "date"},
        "date-time",
    ),
    "date for a date-time": (
        DAY,
        "2030-01-02",
        {"type": "string", "format": "date-time"},
        "date",
    ),
}


@pytest.mark.parametrize("name", SPEAKS)
def test_speaks(name: str) -> None:
    pattern, witness, schema, wanted = SPEAKS[name]
    findings, _ = found(pattern, witness, schema)
    assert [f.observed["pattern" if wanted[0] == "^" else "name"] for f in findings] == [wanted]
    (finding,) = findings
    assert finding.field.name == "value"
    assert len(finding.observed["accepted"]) >= 2
    assert len(finding.observed["rejected"]) >= 2
    learnt = re.compile(finding.observed["pattern"])
    assert all(learnt.search(v) for v in finding.observed["accepted"])
    assert not any(learnt.search(v) for v in finding.observed["rejected"])
    assert {e.verdict.value for e in finding.evidence if e.role == "probe"} == {
        "accepted",
        "rejected",
    }


@pytest.mark.parametrize(
    "name", ["a code", "digits", "E.164", "an ISBN", "groups of digits", "three capitals"]
)
def test_speaks_of_a_field_that_is_another_one_each_time(name: str) -> None:
    pattern, witness, schema, wanted = SPEAKS[name]
    findings, _ = found(pattern, witness, schema, unique=True)
    assert [f.observed["pattern" if wanted[0] == "^" else "name"] for f in findings] == [wanted]


def test_what_is_taken_has_the_right_form() -> None:
    pattern, witness, schema, wanted = SPEAKS["a code"]
    (finding,) = found(pattern, witness, schema, unique=True, there=["AB-1235", "AK-1234"])[0]
    assert finding.observed["pattern"] == wanted


SILENT: dict[str, tuple[str, str, Mapping[str, Any]]] = {
    "free text": (r"(?s).*", "alpha", TEXT),
    "a closed set": (r"red|green", "red", TEXT),
    "codes of a list": (r"W00[1-4]", "W001", TEXT),
    "codes of a list with marks": (r"AB-1(001|002|003|337)", "AB-1001", TEXT),
    "a code in words": (
        r"[A-Z]{2}-\d{4}",
        "AB-1234",
        {"type": "string", "description": "Two letters and four digits."},
    ),
    "a code shown": (
        r"[A-Z]{2}-\d{4}",
        "AB-1234",
        {"type": "string", "description": "Its label (such as `ZX-1000`)."},
    ),
    "a number": (r"[1-9]|[1-4]\d", "7", TEXT),
    "words with a number": (r"[A-Z][a-z]+ \d+( [a-z]+)?|[^\d]*[^q]", "Room 12", TEXT),
    "digits of no certain length": (r"0\d*", "0068876", TEXT),
    "a length only": (r".{5,9}", "alphabe", TEXT),
    "not empty": (r".+", "alpha", TEXT),
    "documented format": (DAY, "2030-01-02", {"type": "string", "format": "date"}),
    "documented pattern": (r"\d+", "555123", {"type": "string", "pattern": "^[0-9]+$"}),
    "documented in words": (r"\d+", "555123", {"type": "string", "description": "Digits only."}),
    "exclusion in words": (
        r"[^_]+",
        "alpha",
        {"type": "string", "description": "Must not contain underscores."},
    ),
}


@pytest.mark.parametrize("name", SILENT)
def test_silent(name: str) -> None:
    assert found(*SILENT[name])[0] == []


def test_a_name_that_says_it() -> None:
    address = r"[^@ ]+@[^@ ]+\.\w+"
    assert found(address, "joe@example.com", name="email")[0] == []
    assert len(found(address, "joe@example.com", name="contact")[0]) == 1


def test_a_format_is_not_an_enum_too() -> None:
    times = {"type": "string", "description": "When: `10:30`, `11:00` or so."}
    documented = operation({"type": "object", "properties": {"at": times}})

    async def go(pattern: str) -> tuple[int, int]:
        def validate(request: Any) -> bool:
            return re.fullmatch(pattern, request.body["at"]) is not None

        async with lab(documented, validate, {"at": "10:45"}) as (context, _):
            await run(context, Enumeration(), Formats())
            case = Case(documented.id, contract(context), documented)
            enums, formats = EnumUndocumented().check(case), FormatMismatch().check(case)
            return len(list(enums)), len(list(formats))

    assert asyncio.run(go(r"\d\d:\d\d")) == (0, 1)
    assert asyncio.run(go(r"10:45|10:46|10:47|11:00"))[1] == 0


def test_free_text_costs_one_request() -> None:
    assert found(r"(?s).*", "alpha")[1] == 1


def test_a_bound_value_is_left_alone() -> None:
    documented = operation({"type": "object", "properties": {"day": TEXT}})

    async def go() -> int:
        def validate(request: Any) -> bool:
            return re.fullmatch(DAY, request.body["day"]) is not None

        body = {"day": "{{tomorrow_date}}"}
        async with lab(documented, validate, body) as (context, server):
            before = len(server.requests)
            await run(context, Formats())
            return len(server.requests) - before

    assert asyncio.run(go()) == 0


def test_learning_needs_two_of_each() -> None:
    assert learn(["12"], ["ab", "cd"]) is None
    assert learn(["12", "34"], ["ab"]) is None
    assert learn(["12", "34", ""], ["ab", ""]) is None
    pattern = learn(["12", "34"], ["ab", "cd"])
    assert pattern is not None
    assert pattern.name == "digits"


def test_nothing_is_learnt_where_nothing_separates() -> None:
    assert learn(["ab", "12"], ["cd", "34"]) is None


def test_battery_and_neighbours_differ_from_the_witness() -> None:
    for witness in ("alpha", "5551234", "2030-01-02", "x", "EUR"):
        assert witness not in battery(witness)
        assert witness not in neighbours(witness)
        assert all(len(v) == len(witness) for v in neighbours(witness))


def test_names_of_patterns_are_distinct() -> None:
    assert len({p.name for p in NAMED}) == len(NAMED)
