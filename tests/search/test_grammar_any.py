"""The grammar under any answer, and complaints of any content in any style."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from refused import KNOWN, SENT, Refused, documented, told

from checker.domain.operation import FieldKey, Place
from checker.domain.schema import MISSING
from checker.search.complaints import Complaint
from checker.search.echo import MAX_NODES

QUIET = settings(deadline=None, max_examples=150, suppress_health_check=list(HealthCheck))

LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.text(alphabet=st.characters(categories=["Cs", "Zs", "Po"]))
    | st.sampled_from(["birth_date", "body", "name is required", "/a/0/b", "$.x", "[1]", "{", "@"])
)
ANY = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.text(max_size=8) | st.sampled_from(["errors", "field", "loc", "name", "lines", "0"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=20,
)


def read(refused: Refused, sent: Any = SENT, known: Any = KNOWN) -> frozenset[Complaint]:
    return refused.complaints(sent, known)


@QUIET
@given(ANY, ANY, st.integers(100, 599))
def test_any_answer_to_any_request_is_read(body: Any, sent: Any, status: int) -> None:
    refused = Refused(status, body)
    assert isinstance(read(refused, sent), frozenset)


@QUIET
@given(
    st.binary(max_size=300).map(lambda b: b.decode("utf-8", "surrogateescape")) | st.text(),
    st.sampled_from(["text/plain", "text/html", "application/xml", "application/json", ""]),
)
def test_any_text_is_read(text: str, media: str) -> None:
    assert isinstance(read(Refused(400, MISSING, text, media, {"X-E": text})), frozenset)


def nested(depth: int) -> Any:
    node: Any = "name is required"
    for _ in range(depth):
        node = {"errors": [node]}
    return node


@pytest.mark.parametrize(
    "refused",
    [
        Refused(400, nested(5_000)),
        Refused(400, MISSING, "[" * 50_000 + "]" * 50_000),
        Refused(400, MISSING, "<a>" * 50_000, "application/xml"),
        Refused(400, {f"k{n}": ["name is required"] for n in range(5 * MAX_NODES)}),
        Refused(400, [{"field": "name", "message": f"is bad {n}"} for n in range(MAX_NODES)]),
        Refused(400, {"message": "name is bad, " * 20_000}),
        Refused(400, {"message": "a" * 1_000_000}),
        Refused(400, {"errors": {"name": ["at most " + "9" * 5_000]}}),
        Refused(400, {"errors": {"name": [f"matches ^{'(' * 5_000}$"]}}),
    ],
    ids=["deep", "deep text", "deep markup", "wide", "many", "long", "one word", "digits", "()"],
)
def test_an_endless_answer_ends(refused: Refused) -> None:
    """Each bound that is missing makes one of these take minutes or raise."""
    assert len(read(refused)) <= 100


def test_a_request_as_deep_as_an_answer_ends() -> None:
    assert isinstance(read(Refused(400, nested(3_000)), nested(3_000)), frozenset)


# -- random complaints in a random style ----------------------------------------------------------

WORDS = st.text(alphabet="bcdfghjklmnpqrstvwxz", min_size=4, max_size=7)
"""Words of no language: what they say can't be known, only where they stand."""
NAMES = ("tax_code", "shippedOn", "price-list", "lines[].unit_price", "owner.full_name")
FIELDS = documented(dict.fromkeys([*NAMES, "lines", "owner", "quite_other"], "string"))
REQUEST = {
    "tax_code": "qq1",
    "shippedOn": "qq2",
    "price-list": "qq3",
    "lines": [{"unit_price": "qq4"}, {"unit_price": "qq5"}],
    "owner": {"full_name": "qq6"},
}


@dataclass(frozen=True)
class Told:
    """One complaint to render: the field, its position, and what would be accepted."""

    name: str
    values: tuple[str, ...]
    pattern: str
    least: int | None

    @property
    def path(self) -> list[str | int]:
        steps: list[str | int] = []
        for part in self.name.split("."):
            steps.append(part.removesuffix("[]"))
            if part.endswith("[]"):
                steps.append(1)
        return steps

    @property
    def leaf(self) -> str:
        return str(self.path[-1])


def squeezed(name: str, joint: str, change: Callable[[str], str]) -> str:
    words: list[str] = []
    for part in name.replace("-", "_").split("_"):
        start = 0
        for n, c in enumerate(part):
            if c.isupper():
                words.append(part[start:n])
                start = n
        words.append(part[start:])
    return change(joint.join(w.lower() for w in words))


def camel(words: str) -> str:
    first, *rest = words.split(" ")
    return first + "".join(w.capitalize() for w in rest)


SPELLINGS: dict[str, Callable[[str], str]] = {
    "as it is": lambda n: n,
    "label": lambda n: squeezed(n, " ", str.capitalize),
    "camel": lambda n: squeezed(n, " ", camel),
    "pascal": lambda n: squeezed(n, " ", lambda w: "".join(p.capitalize() for p in w.split(" "))),
    "capitals": lambda n: squeezed(n, "_", str.upper),
    "kebab": lambda n: squeezed(n, "-", str),
}


def dotted(path: list[str | int]) -> str:
    return ".".join(map(str, path))


def bracketed(path: list[str | int]) -> str:
    text = str(path[0])
    for step in path[1:]:
        text += f"[{step}]" if isinstance(step, int) else f".{step}"
    return text


PATHS: dict[str, Callable[[list[str | int]], Any]] = {
    "list": lambda p: list(p),
    "list in body": lambda p: ["body", *p],
    "pointer": lambda p: "/" + "/".join(map(str, p)),
    "pointer in data": lambda p: "#/data/attributes/" + "/".join(map(str, p)),
    "dotted": dotted,
    "brackets": bracketed,
    "json path": lambda p: "$." + bracketed(p),
    "prefixed": lambda p: "Payload." + bracketed(p),
    "in body": lambda p: "body." + dotted(p),
    "arrows": lambda p: " -> ".join(map(str, p)),
}
QUOTES = ("''", '""', "``", "“”", "„“", "«»", "「」")


def listed(values: tuple[str, ...], form: str, joint: str) -> str:
    if form == "brackets":
        return f"[{', '.join(values)}]"
    if form == "pipes":
        return "|".join(values)
    if form == "json":
        return json.dumps(list(values))
    quoted = [f"{form[0]}{v}{form[1]}" for v in values]
    return ", ".join(quoted[:-1]) + f" {joint} {quoted[-1]}"


@st.composite
def complaints(draw: Any) -> list[Told]:
    names = draw(st.lists(st.sampled_from(NAMES), min_size=1, max_size=3, unique=True))
    found = []
    for name in names:
        values: tuple[str, ...] = ()
        pattern, least = "", None
        match draw(st.sampled_from(["values", "pattern", "least", "nothing"])):
            case "values":
                each = st.lists(WORDS, min_size=2, max_size=4, unique=True)
                values = tuple(f"{w}_{n}" for n, w in enumerate(draw(each)))
            case "pattern":
                pattern = draw(st.sampled_from([r"^[A-Z]{3}-\d+$", "^x+$", r"^(a|b)\.c$"]))
            case "least":
                least = draw(st.integers(10, 90))
        found.append(Told(name, values, pattern, least))
    return found


@st.composite
def sentences(draw: Any, one: Told, subject: str) -> str:
    """A sentence of no language about a subject, with what is wanted at its end."""
    words = draw(st.lists(WORDS, min_size=2, max_size=4))
    place = draw(st.integers(0, 1)) if subject else 0
    said = [*words[:place], *([subject] if subject else []), *words[place:]]
    if one.values:
        form = draw(st.sampled_from([*QUOTES, "brackets", "pipes", "json"]))
        said.append(listed(one.values, form, draw(st.sampled_from(["or", "oder", "ou"]))))
    elif one.pattern:
        said.append(f'"{one.pattern}"')
    elif one.least is not None:
        said.append(str(one.least))
    return " ".join(said)


@st.composite
def rendered(draw: Any, told_: list[Told]) -> Any:
    """The complaints in a style that is drawn: where they stand, how names and paths look."""
    spelled = SPELLINGS[draw(st.sampled_from(sorted(SPELLINGS)))]
    path_of = PATHS[draw(st.sampled_from(sorted(PATHS)))]
    envelope, member, said_in = draw(st.lists(WORDS, min_size=3, max_size=3, unique=True))
    style = draw(st.sampled_from(["objects", "map", "nested", "sentences", "one text", "tuples"]))
    if style == "objects":
        found = []
        for one in told_:
            item = {member: path_of(one.path), said_in: draw(sentences(one, ""))}
            found.append({**item, **({"zz": list(one.values)} if one.values else {})})
        return {envelope: found} if draw(st.booleans()) else found
    if style == "map":
        flat = {bracketed(o.path): [draw(sentences(o, ""))] for o in told_}
        return {envelope: flat} if draw(st.booleans()) else flat
    if style == "nested":
        tree: dict[str, Any] = {}
        for one in told_:
            here = tree
            for step in one.path[:-1]:
                here = here.setdefault(str(step), {})
            here[one.leaf] = [draw(sentences(one, ""))]
        return {envelope: tree}
    texts = [draw(sentences(one, spelled(one.leaf))) for one in told_]
    if style == "tuples":
        return {envelope: [[bracketed(o.path), draw(sentences(o, ""))] for o in told_]}
    return {envelope: texts} if style == "sentences" else {envelope: "; ".join(texts)}


@QUIET
@given(st.data())
def test_random_complaints_in_a_random_style_are_read_back(data: st.DataObject) -> None:
    """The field, its position where the answer says it, and what would be accepted; the words
    are of no language."""
    asked = data.draw(complaints())
    body = data.draw(rendered(asked))
    found = read(Refused(422, body), REQUEST, FIELDS)
    assert {c.field.name if c.field else "" for c in found} == {one.name for one in asked}
    by_name = {c.field.name: c for c in found if c.field}
    for one in asked:
        wants = by_name[one.name].wants
        assert (wants.values, wants.pattern) == (one.values, one.pattern)
        assert wants.least == (None if one.least is None else float(one.least))
        assert by_name[one.name].index in ((1, None) if "[]" in one.name else (None,))
        assert str(by_name[one.name].kind) == "invalid"


@QUIET
@given(st.data())
def test_an_answer_that_echoes_the_request_says_the_same(data: st.DataObject) -> None:
    body = data.draw(rendered(data.draw(complaints())))
    silent, echoing = Refused(422, body), Refused(422, body).echoing(REQUEST)
    assert told(read(silent, REQUEST, FIELDS)) == told(read(echoing, REQUEST, FIELDS))


@QUIET
@given(st.data(), st.sets(st.sampled_from(["tax_code", "shippedOn", "price-list"]), min_size=1))
def test_what_wasnt_sent_is_missing_in_any_language(
    data: st.DataObject, left_out: set[str]
) -> None:
    asked = data.draw(complaints())
    sent = {k: v for k, v in REQUEST.items() if k not in left_out}
    found = read(Refused(422, data.draw(rendered(asked))), sent, FIELDS)
    for complaint in found:
        assert complaint.field is not None
        missing = complaint.field.name in left_out
        assert str(complaint.kind) == ("missing" if missing else "invalid")


@QUIET
@given(st.data(), st.randoms(use_true_random=False))
def test_the_order_of_fields_and_members_changes_nothing(data: st.DataObject, random: Any) -> None:
    body = data.draw(rendered(data.draw(complaints())))
    known = list(FIELDS.items())
    random.shuffle(known)
    sent = list(REQUEST.items())
    random.shuffle(sent)
    assert told(read(Refused(422, body), dict(sent), dict(known))) == told(
        read(Refused(422, body), REQUEST, FIELDS)
    )


def test_the_helper_names_what_the_table_expects() -> None:
    assert FieldKey(Place.BODY, "lines[].unit_price") in FIELDS
