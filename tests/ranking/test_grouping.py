"""Fingerprints, grouping by documented place and order."""

from __future__ import annotations

import random

import pytest
from report_samples import make_finding

from checker.domain.finding import Confidence, Finding, FindingField, OtherPatch, Severity
from checker.domain.location import Location
from checker.ranking import apply_rule_settings, fingerprint, group, merge_same, rank, select
from checker.settings import RuleSetting, Settings

SHARED = Location("s/things.json", "/definitions/Thing/properties/kind", 40, 3)


def shared(operation: str, name: str = "kind", **changes: object) -> object:
    return make_finding(
        operation=operation, field=FindingField("body", name), source=SHARED, **changes
    )


def test_fingerprint_ignores_positions_wording_and_evidence() -> None:
    one = make_finding()
    two = make_finding(
        source=Location("things.json", "/paths/~1things/post", 99, 1),
        issue="other words",
        evidence=(),
        severity=Severity.MINOR,
    )
    assert fingerprint(one) == fingerprint(two)


@pytest.mark.parametrize(
    "changes",
    [
        {"rule": "field-ignored"},
        {"operation": "PUT /things"},
        {"field": FindingField("query", "kind")},
        {"field": FindingField("body", "other")},
        {"identity": "x"},
        {"target": "second"},
    ],
)
def test_fingerprint_tells_causes_apart(changes: dict[str, object]) -> None:
    assert fingerprint(make_finding()) != fingerprint(make_finding(**changes))


def test_one_place_serving_several_operations_is_one_finding() -> None:
    found = group([shared("PUT /things/{id}", "thing.kind"), shared("POST /things")])
    assert len(found) == 1
    assert found[0].operation == "POST /things"
    assert found[0].also_operations == ("POST /things", "PUT /things/{id}")
    assert found[0].field.name == "kind"


def test_a_groups_fingerprint_does_not_depend_on_the_selection() -> None:
    all_of_them = group([shared("PUT /things/{id}", "thing.kind"), shared("POST /things")])
    alone = group([shared("PUT /things/{id}", "thing.kind")])
    assert all_of_them[0].fingerprint == alone[0].fingerprint
    assert alone[0].also_operations == ()


def test_different_observations_at_one_place_stay_apart() -> None:
    found = group([shared("PUT /t", observed=["a"]), shared("POST /t", observed=["a", "b"])])
    assert len(found) == 2
    assert len({f.fingerprint for f in found}) == 2


def test_one_schema_twice_in_an_operation_stays_two_findings() -> None:
    found = group([shared("POST /t", "from.kind"), shared("POST /t", "to.kind")])
    assert sorted(f.field.name for f in found) == ["from.kind", "to.kind"]
    assert len({f.fingerprint for f in found}) == 2


def test_a_name_does_not_change_with_what_else_is_found() -> None:
    (alone,) = group([shared("POST /t")])
    proved = group([shared("POST /t"), shared("PUT /t", confidence=Confidence.TENTATIVE)])
    unsure, other = sorted(proved, key=lambda f: f.confidence is Confidence.CONFIRMED)
    assert other.fingerprint == alone.fingerprint != unsure.fingerprint
    (again,) = group([shared("POST /t"), shared("PUT /t")])
    assert again.fingerprint == alone.fingerprint
    differing = group([shared("POST /t", observed=["a"]), shared("PUT /t", observed=["b"])])
    assert differing[0].fingerprint == alone.fingerprint


def test_what_was_observed_does_not_rename_a_finding() -> None:
    """Which of two documents is wrong is seen only where the operation is asked."""
    legacy = Location("s/legacy.json", "/paths/~1things/post/parameters/0")
    unseen = shared("POST /things", named_at=SHARED, observed=None)
    seen = make_finding(
        operation="POST /things",
        source=legacy,
        named_at=SHARED,
        observed={"follows": "current"},
    )
    (one,), (other,) = group([unseen]), group([seen])
    assert one.fingerprint == other.fingerprint
    for found in ([one, other], [other, one]):
        (merged,) = merge_same(found)
        assert merged.observed == {"follows": "current"} and merged.source == legacy


def test_equal_findings_are_one() -> None:
    assert len(group([make_finding(), make_finding()])) == 1


def test_own_places_are_not_grouped() -> None:
    other = make_finding(
        operation="PUT /things", source=Location("things.json", "/paths/~1things/put")
    )
    assert len(group([make_finding(), other])) == 2


def test_order_of_arrival_changes_nothing() -> None:
    findings = [
        make_finding(severity=severity, operation=operation, rule=rule)
        for severity in Severity
        for operation in ("POST /a", "GET /b")
        for rule in ("x", "y")
    ] + [shared("PUT /things/{id}"), shared("POST /things")]
    expected = rank(group(findings))
    assert [f.severity for f in expected] == sorted((f.severity for f in expected), reverse=True)
    for seed in range(5):
        random.Random(seed).shuffle(findings)
        assert rank(group(findings)) == expected


def test_settings_turn_off_override_and_count() -> None:
    findings = group([make_finding(), make_finding(rule="enum-x"), make_finding(rule="spec-a")])
    settings = Settings(
        ignore=("enum-*",),
        rule_settings={
            "required-undocumented": RuleSetting(severity=Severity.CRITICAL),
            "spec-a": RuleSetting(enabled=False),
        },
    )
    chosen = apply_rule_settings(findings, settings)
    assert [f.severity for f in chosen.shown] == [Severity.CRITICAL]
    assert len(chosen.ignored) == 2
    only = select(findings, Settings(rules=("spec-*",)))
    assert [f.rule for f in only.shown] == ["spec-a"]


def test_a_severity_leaves_out_what_is_less_bad() -> None:
    levels = [Severity.MINOR, Severity.MAJOR, Severity.CRITICAL]
    findings = [make_finding(operation=f"GET /{n}", severity=s) for n, s in enumerate(levels)]
    chosen = select(findings, Settings(severity=Severity.MAJOR))
    assert [f.severity for f in chosen.shown] == [Severity.CRITICAL, Severity.MAJOR]
    assert len(chosen.ignored) == 1


def test_a_fingerprint_can_be_ignored() -> None:
    (finding,) = group([make_finding()])
    chosen = select([make_finding()], Settings(ignore=(finding.fingerprint,)))
    assert chosen.shown == () and len(chosen.ignored) == 1


def need(operation: str, **changes: object) -> Finding:
    """An operation that needs a token which no document names."""
    own = Location("s/things.json", f"/paths/~1{operation[-1]}/get")
    told: dict[str, object] = {
        "rule": "token-undocumented",
        "operation": operation,
        "field": FindingField("token", "key"),
        "identity": "key",
        "source": own,
        "documented": None,
        "observed": ["key"],
    }
    return make_finding(**{**told, **changes})


def test_a_token_that_nothing_documents_is_told_once_for_a_document() -> None:
    (one,) = group([need("GET /b"), need("GET /a")])
    assert (one.operation, one.also_operations) == ("GET /a", ("GET /a", "GET /b"))
    (alone,) = group([need("GET /b")])
    assert alone.fingerprint == one.fingerprint


def test_tokens_beside_documented_ones_are_told_for_each_operation() -> None:
    found = group([need("GET /a", documented=["user"]), need("GET /b", documented=["user"])])
    assert [f.operation for f in found] == ["GET /a", "GET /b"]
    other = need("GET /c", identity="app", field=FindingField("token", "app"), observed=["app"])
    assert len(group([need("GET /a"), need("GET /b"), other])) == 2


def test_a_fact_that_two_files_state_is_patched_in_both() -> None:
    step = {"op": "add", "path": "/paths/~1a/get/description", "value": "For staff tokens."}
    places = [Location(file, "/paths/~1a/get") for file in ("a.json", "legacy/a.json")]
    base = make_finding(
        rule="token-undocumented-in-spec",
        operation="GET /a",
        field=FindingField("token"),
        also_operations=(),
        patch=(step,),
    )
    (one,) = group([base.with_(source=place) for place in places])
    assert one.source == places[0] and one.patch == (step,)
    assert one.elsewhere == (OtherPatch("legacy/a.json", (step,)),)
