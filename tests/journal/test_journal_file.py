"""Journals on disk: damage, recovery, what tells a thing from another."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from checker.domain.exchange import Exchange, Failure, Request, Response
from checker.domain.finding import Finding, FindingField, Severity
from checker.domain.observation import OperationOutcome
from checker.domain.operation import OperationId
from checker.domain.portal import Portal
from checker.domain.run import TargetInfo
from checker.errors import UsageError
from checker.pipeline.passing import may_pass
from checker.pipeline.redaction import Redaction
from checker.pipeline.written.journal_file import JournalFile, read_entries
from checker.pipeline.written.recorder import Recorder
from checker.pipeline.written.recovery import recover
from checker.pipeline.written.run_head import Head, differences
from checker.probing.judge import Judge
from checker.probing.trial import NoWitness
from checker.redaction import Secrets
from checker.safety.ownership import Ledger
from checker.safety.recognition import is_among, is_marked, marks_of
from checker.safety.things import Thing

HEAD = Head("default", "http://shop.invalid", "d0c", paths=("docs",), options={"seed": 0})
MAKE = OperationId("POST", "/things")


def thing(number: int = 1, name: str = "7") -> Thing:
    return Thing("thing", "/things", {name: "id"}, MAKE, number, marks=("m1",))


def recorder(path: Path, *known: str) -> Recorder:
    secrets = Secrets()
    for value in known:
        secrets.learn(value)
    target = TargetInfo("default", "http://shop.invalid")
    made = Recorder(JournalFile(path), target, Redaction(secrets, Portal()))
    made.begin(HEAD)
    return made


def finding(name: str) -> Finding:
    field = FindingField("body", name)
    text = {"issue": name, "suggested_fix": ""}
    return Finding(
        "r", Severity.MAJOR, str(MAKE), field, **text, fingerprint=name, target="default"
    )


def test_what_was_written_is_read_back(tmp_path: Path) -> None:
    path = tmp_path / "j" / "default.jsonl"
    made = recorder(path)
    first, second, unsure = thing(1, "7"), thing(1, "8"), thing(2, "9")
    unsure.unsure = True
    for each in (first, second, unsure):
        made.thing("unsure" if each.unsure else "made", each)
    second.names["other"] = "name"
    made.thing("made", second)
    made.thing("gone", first)
    made.findings = lambda outcome: (finding("a"),)
    made.operation(OperationOutcome(MAKE, "probed", "", 12))
    made.findings = lambda outcome: (finding("b"),)
    made.operation(OperationOutcome(MAKE, "probed", "", 12))
    made.close()
    found = recover(path)
    assert found.head == Head.from_json({**HEAD.to_json(), "started_at": found.head.started_at})
    alive = list(found.alive.values())
    assert [t.names for t in alive] == [{"8": "id", "other": "name"}, {"9": "id"}]
    assert [t.unsure for t in alive] == [False, True] and all(t.earlier for t in alive)
    assert [f.fingerprint for f in found.result().findings] == ["b"]
    assert found.finished == {str(MAKE)}
    assert oct(path.stat().st_mode & 0o777) == "0o600"


def test_what_may_pass_and_what_isnt_settled_is_not_finished(tmp_path: Path) -> None:
    path = tmp_path / "default.jsonl"
    made = recorder(path)
    cases: list[tuple[str, str, bool, bool]] = [
        ("/probed", "probed", False, True),
        ("/held", "skipped", False, True),
        ("/none", "no-witness", False, True),
        ("/unasked", "no-witness", False, False),
        ("/broken", "no-witness", True, True),
        ("/budget", "partial", True, True),
        ("/moving", "inconclusive", False, True),
    ]
    for name, status, passing, settled in cases:
        outcome = OperationOutcome(OperationId("GET", name), status, "", 1, passing=passing)
        made.operation(outcome, settled=settled)
    made.close()
    assert recover(path).finished == {"GET /probed", "GET /held", "GET /none"}
    assert {str(o.operation) for o in recover(path).kept().operations} == recover(path).finished


def test_a_request_without_an_answer_is_told_until_cleaned(tmp_path: Path) -> None:
    path = tmp_path / "default.jsonl"
    made = recorder(path)
    for number, name in ((1, "/a"), (2, "/b"), (3, "/b"), (4, "/c")):
        made.sending(number, Request("POST", name))
    made.sending(5, Request("DELETE", "/a/1"))
    made.exchange(_answered(1, "/a"))
    made.exchange(_answered(3, "/b"))
    assert [line.partition(":")[0] for line in recover(path).doubts()] == ["POST /c"]
    made.begin(HEAD, again=True)
    made.sending(4, Request("POST", "/d"))
    made.exchange(_answered(4, "/d"))
    assert [line.partition(":")[0] for line in recover(path).doubts()] == ["POST /c"]
    made.cleaned()
    made.close()
    assert not list(recover(path).doubts())


def test_a_loan_is_told_until_it_is_restored(tmp_path: Path) -> None:
    path = tmp_path / "default.jsonl"
    made, change = recorder(path), OperationId("PUT", "/settings")
    made.loan("lent", change, "/settings")
    made.loan("restored", change, "/settings")
    assert recover(path).is_settled
    made.loan("lent", change, "/settings")
    assert not recover(path).is_settled
    made.begin(HEAD, again=True)
    made.loan("lent", change, "/settings")
    made.loan("restored", change, "/settings")
    made.cleaning()
    (line,) = recover(path).doubts()
    assert line.startswith("PUT /settings: /settings was borrowed")
    assert recover(path).kept().cleanup == (line,)
    made.cleaned()
    made.close()
    assert recover(path).is_settled


def test_numbers_begin_again_when_things_are_removed(tmp_path: Path) -> None:
    path = tmp_path / "default.jsonl"
    made = recorder(path)
    made.sending(1, Request("POST", "/a"))
    made.cleaning()
    made.exchange(_answered(1, "/a"))
    made.close()
    assert [line.partition(":")[0] for line in recover(path).doubts()] == ["POST /a"]


def _answered(number: int, path: str) -> Exchange:
    return Exchange(Request("POST", path), Response(201), number)


def test_a_damaged_journal_is_read_as_far_as_possible(tmp_path: Path) -> None:
    path = tmp_path / "default.jsonl"
    made = recorder(path)
    made.thing("made", thing(1, "7"))
    made.close()
    whole = path.read_bytes()
    lines = whole.splitlines(keepends=True)
    garbage = b'\xff\xfe{"kind"\n[1]\n{"kind": "thing", "thing": "x"}\n{"kind": "operation"}\n'
    path.write_bytes(lines[0] + garbage + lines[1] + lines[1][: len(lines[1]) // 2])
    found = recover(path)
    assert [t.names for t in found.alive.values()] == [{"7": "id"}]
    assert "lines 2, 3, 7 could not be read and are left out" in found.notes[0]
    assert "2 entries are damaged" in found.notes[1]
    path.write_bytes(whole[:-9])
    assert "line 2 (the last one, cut short) could not be read" in recover(path).notes[0]
    for bad in (b"", b"\x00\x01", b"[" * 100_000, lines[1]):
        path.write_bytes(bad)
        with pytest.raises(UsageError):
            recover(path)


def test_lone_surrogates_and_numbers_that_are_none(tmp_path: Path) -> None:
    path = tmp_path / "default.jsonl"
    made = recorder(path)
    made.note("\ud800")
    made.close()
    entries, notes = read_entries(path)
    assert entries[1]["text"] == "\ud800" and not notes


def test_a_masked_identifier_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "default.jsonl"
    made = recorder(path, "secret-value")
    made.thing("made", Thing("key", "/keys", {"secret-value": "key", "7": "id"}, MAKE, 1))
    made.note("with secret-value in it")
    made.close()
    assert "secret-value" not in path.read_text()
    (kept,) = recover(path).things.values()
    assert kept.names == {"7": "id"}


def test_a_link_is_not_written_through(tmp_path: Path) -> None:
    (tmp_path / "precious").write_text("precious")
    (tmp_path / "j.jsonl").symlink_to(tmp_path / "precious")
    made = JournalFile(tmp_path / "j.jsonl")
    made.append({"kind": "note"})
    made.close()
    assert (tmp_path / "precious").read_text() == "precious"
    assert "could not be written on" in made.failure


@pytest.mark.parametrize(
    ("outcome", "passes"),
    [
        (Response(401), True),
        (Response(403), False),
        (Response(422), False),
        (Response(404), False),
        (Response(429), True),
        (Response(500), True),
        (Failure("timeout", ""), True),
    ],
)
def test_which_reasons_may_pass(outcome: Response | Failure, passes: bool) -> None:
    last = Exchange(Request("POST", "/things"), outcome, 1)
    assert may_pass(NoWitness(MAKE, "", last=last), Judge()) is passes
    assert not may_pass(NoWitness(MAKE, "", last=last, held="held back"), Judge())


def test_entries_are_with_the_system_at_once(tmp_path: Path) -> None:
    """A process that is killed has written everything: nothing waits in its memory."""
    path = tmp_path / "default.jsonl"
    made = recorder(path)
    made.thing("made", thing())
    assert len(path.read_text().splitlines()) == 2
    made.close()


def test_made_things_are_brought_to_the_disk_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import threading

    from patience import PATIENCE_S

    synced = threading.Event()
    monkeypatch.setattr("checker.pipeline.written.journal_file.FSYNC_EVERY_S", PATIENCE_S)
    monkeypatch.setattr(os, "fsync", lambda file: synced.set())
    made = JournalFile(tmp_path / "j.jsonl")
    made.append({"kind": "note"})
    made.append({"kind": "thing"}, urgent=True)
    assert synced.wait(PATIENCE_S)
    made.close()


def test_differences_are_told_one_by_one() -> None:
    other = Head("x", "http://other.invalid", "d1", options={"seed": 1, "variables": {"a": "1"}})
    said = list(differences(HEAD, other))
    assert said == [
        "the target was 'default' and is 'x'",
        "the base URL was http://shop.invalid and is http://other.invalid",
        "the documents have changed",
        "seed was 0 and is 1",
        "the variables differ",
    ]
    assert not list(differences(HEAD, HEAD))


def test_marks_tell_a_thing_from_another() -> None:
    marks = marks_of(["widget-x7", "shrt", "widget-x7", "2026-11-28T05:00:00Z"])
    assert len(marks) == 2
    assert is_marked({"data": [{"name": "widget-x7"}]}, marks)
    assert not is_marked({"name": "widget-y8", "id": 7}, marks)
    many = {"items": [{"id": 7, "name": "theirs"}, {"id": 8, "name": "widget-x7"}]}
    assert is_among(many, {"8"}, marks) and not is_among(many, {"7"}, marks)


def test_a_thing_is_marked_by_what_the_run_coined() -> None:
    ledger = Ledger(frozenset({"documented"}))
    body = json.dumps({"name": "coined-name", "kind": "documented"}).encode()
    request = Request("POST", "/things", content=body, media_type="application/json")
    for number in (1, 2):
        ledger.note_sent(number, request)
        answer = {"id": number, "name": "coined-name", "kind": "documented"}
        response = Response(201, {"content-type": "application/json"}, answer, json.dumps(answer))
        (made,) = ledger.note_made(number, request, response, MAKE)
        ledger.note_seen(number, response, "/things")
        assert made.marks == marks_of(["coined-name"])


def test_earlier_things_prove_nothing_new() -> None:
    """A number that an earlier run's thing had may be somebody's by now."""
    ledger = Ledger(frozenset({"things"}))
    ledger.take_over(Thing.from_json(thing(1, "7").to_json()))
    request = Request("POST", "/things", content=b'{"ref": "7"}', media_type="application/json")
    ledger.note_sent(0, Request("GET", "/things"))
    ledger.note_sent(1, request)
    response = Response(200, {"content-type": "application/json"}, {"id": 7}, '{"id": 7}')
    (made,) = ledger.note_made(1, request, response, MAKE)
    assert made.unsure
    adopted = ledger.things[0]
    assert ledger.own(("thing",), "7", "/things") is adopted
    ledger.disown(adopted)
    assert ledger.own(("thing",), "7", "/things") is None


def test_a_list_confirms_nothing_of_an_earlier_run() -> None:
    """It was read before something else got its number."""
    ledger = Ledger()
    earlier = Thing.from_json(thing(1, "7").to_json())
    ledger.take_over(earlier)
    ledger.disown(earlier)
    for shown in ([], [{"id": 7}]):
        response = Response(200, {"content-type": "application/json"}, shown, "")
        ledger.note_listed(Request("GET", "/things"), response, "/things")
    ledger.settle("/things")
    assert earlier.unsure and not ledger.alive()
