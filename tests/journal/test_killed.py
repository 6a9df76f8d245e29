"""A run that was killed: its things can be removed, its findings reported, its rest done."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from checker_process import Held, Place, ended
from keeping_shop import TOKEN, document, open_shop

from checker.domain.operation import OperationId
from checker.domain.portal import Portal
from checker.domain.run import TargetInfo
from checker.pipeline.redaction import Redaction
from checker.pipeline.written.journal_file import JournalFile
from checker.pipeline.written.recorder import Recorder
from checker.pipeline.written.run_head import Head
from checker.redaction import Secrets
from checker.safety.recognition import marks_of
from checker.safety.things import Thing

TENTH = ("POST /items", 10)


def killed(place: Place, *more: str, line: str = TENTH[0], number: int = TENTH[1]) -> None:
    """A run that is killed in the middle, with things of its own on the server."""
    held = Held(place.shop, line, number)
    process = place.check(*more)
    held.wait()
    process.kill()
    process.communicate()
    held.released.set()
    place.shop.before = lambda _: None
    assert place.shop.left >= 2


def kill_after_items(place: Place, *more: str) -> None:
    """The same after one operation was examined; while another one, which made things, is."""
    killed(place, *more, line="POST /boxes", number=8)


def test_cleanup_removes_what_a_killed_run_has_made(place: Place) -> None:
    place.shop.kept["items"][900] = {"id": 900, "name": "somebody's", "size": 1}
    killed(place)
    there = place.shop.left
    asked = place.shop.count
    status, out, _ = place.cleanup("reports", "--dry-run")
    planned = [out.count(f"DELETE /{kind}/") for kind in ("items", "boxes")]
    assert (status, place.shop.count, sum(planned)) == (0, asked, there - 1)

    status, out, err = place.cleanup()
    assert place.shop.kept == {
        "items": {900: {"id": 900, "name": "somebody's", "size": 1}},
        "boxes": {},
    }
    for kind, number in zip(("items", "boxes"), planned, strict=True):
        assert f"POST /{kind}: {number} removed" in out
    # The one that was on its way may have made something: it is told, once.
    assert status == 3 and "POST /items: its answer was not read" in out
    assert not err
    status, out, _ = place.cleanup()
    assert status == 0 and "nothing is left" in out


def test_a_number_that_somebody_else_has_by_now_is_not_deleted(place: Place) -> None:
    killed(place)
    number, gone = sorted(place.shop.kept["items"])[:2]
    theirs = {"id": number, "name": "made by somebody", "size": 1}
    place.shop.kept["items"][number] = theirs
    del place.shop.kept["items"][gone]
    status, out, _ = place.cleanup()
    assert place.shop.kept["items"] == {number: theirs}
    assert status == 3 and "1 made and left behind; what is there now isn't" in out
    assert not any(line == f"DELETE /items/{gone}" for line in place.shop.log)


def test_cleanup_sends_nothing_to_another_target(place: Place) -> None:
    killed(place)
    with open_shop() as other:
        status, _, err = place.run("cleanup", "reports", "--base-url", other.url)
        assert other.count == 0
    assert status == 2 and f"is of {place.shop.url}, not of" in err
    status, _, err = place.run("cleanup")
    assert status == 2 and f"Give --base-url {place.shop.url}" in err


def test_read_only_holds_for_cleanup(place: Place) -> None:
    killed(place)
    there = place.shop.left
    status, out, _ = place.cleanup("reports", "--read-only")
    assert status == 3 and place.shop.left == there
    assert "held back by --read-only" in out


def test_without_an_output_folder_there_is_a_ledger(place: Place) -> None:
    held = Held(place.shop, *TENTH)
    process = place.check("--out", "-")
    held.wait()
    process.kill()
    process.communicate()
    held.released.set()
    text = (place.folder / ".driftcheck" / "default.jsonl").read_text()
    assert '"kind": "thing"' in text and '"kind": "exchange"' not in text
    place.cleanup()
    assert place.shop.left == 0


def test_a_ledger_goes_with_a_run_that_left_nothing(place: Place) -> None:
    status, out, _ = place.whole("--out", "-")
    assert status == 1 and json.loads(out)["operations"]
    assert place.shop.left == 0 and place.shop.made
    assert [p.name for p in place.folder.iterdir()] == ["shop.json"]


def test_a_report_from_the_journal_of_a_killed_run(place: Place) -> None:
    kill_after_items(place)
    assert not (place.folder / "reports" / "report.json").exists()
    status, _, err = place.run("report", "--from-journal", "reports", "--format", "json,md")
    report = place.report()
    assert status == 0 and "ended without a word" in err
    assert report["run"]["status"] == "interrupted"
    assert report["run"]["requests_sent"] > 20
    assert any(
        "POST /boxes: " in line and "left behind" in line for line in report["run"]["cleanup"]
    )
    found = {(f["operation"], f["rule"]) for f in report["findings"]}
    assert ("POST /items", "required-undocumented") in found
    assert all(f["source"]["line"] and f["evidence"] for f in report["findings"])
    text = Path(place.folder, "reports", ".journal", "default.jsonl").read_text()
    assert TOKEN not in text


def test_resume_goes_on_after_a_kill(place: Place) -> None:
    status, _, _ = place.whole("--out", "whole")
    whole, asked = place.report("whole"), place.shop.count
    assert status == 1 and place.shop.left == 0
    place.shop.log.clear()
    kill_after_items(place)
    of_killed = {f"{kind}/{n}" for kind, kept in place.shop.kept.items() for n in kept}
    place.shop.log.clear()
    status, _, err = place.whole("--resume")
    assert "1 operation done before" in err and "removed first" in err
    resumed = place.report()
    names = [[f["fingerprint"] for f in r["findings"]] for r in (whole, resumed)]
    assert names[0] == names[1] != []
    assert {o["status"] for o in resumed["operations"]} == {"probed", "partial"}
    # What the killed run had made goes before anything else is made.
    first = next(n for n, line in enumerate(place.shop.log) if line.startswith("POST"))
    deleted = {line.removeprefix("DELETE /") for line in place.shop.log[:first] if "DELETE" in line}
    assert deleted == of_killed
    assert place.shop.left == 0 and len(place.shop.log) < asked
    assert not any(line.startswith("POST /items") for line in place.shop.log[first + 1 :][:1])


@pytest.mark.parametrize("change", ["seed", "documents", "target", "token", "option"])
def test_resume_of_another_run_is_refused(place: Place, change: str) -> None:
    kill_after_items(place)
    before, more = place.shop.count, ["--resume"]
    if change == "seed":
        more += ["--seed", "7"]
    elif change == "documents":
        path = place.folder / "shop.json"
        path.write_text(path.read_text().replace("Lists the items", "Lists all items"))
    elif change == "token":
        more += ["--token", "other=something"]
    elif change == "option":
        more += ["--allow-destructive"]
    with open_shop() as other:
        if change == "target":
            place.options[1] = other.url
        status, _, err = place.whole(*more)
        assert other.count == 0
    said = {
        "seed": "seed was 0 and is 7",
        "documents": "the documents have changed",
        "target": "the base URL was",
        "token": "tokens was",
        "option": "allow-destructive was false and is true",
    }
    assert status == 2 and said[change] in err and "leave --resume out" in err
    assert place.shop.count == before


def test_a_whole_run_after_a_kill_keeps_the_old_ledger(place: Place) -> None:
    killed(place)
    there = place.shop.left
    status, _, _ = place.whole()
    assert status == 1 and place.shop.left == there
    assert any("An earlier run has left things" in n for n in place.report()["run"]["notes"])
    place.cleanup()
    assert place.shop.left == 0


def test_a_first_run_with_resume_is_a_whole_one(place: Place) -> None:
    status, _, err = place.whole("--resume")
    assert status == 1 and "a whole run" in err
    assert place.report()["run"]["status"] == "complete"


def test_two_runs_do_not_share_a_journal(place: Place) -> None:
    held = Held(place.shop, *TENTH)
    process = place.check()
    held.wait()
    status, _, err = place.whole()
    assert status == 2 and "another run is writing on it" in err
    status, _, err = place.cleanup()
    assert status == 2 and "its run goes on" in err
    held.released.set()
    assert ended(process)[0] == 1


def test_what_failed_for_a_passing_reason_is_tried_again(place: Place) -> None:
    def broken(line: str) -> int | None:
        return 500 if line.startswith(("POST /boxes", "GET /boxes")) else None

    place.shop.before = broken
    place.whole()
    first = {f"{o['method']} {o['path']}": o for o in place.report()["operations"]}
    assert first["POST /boxes"]["status"] == "no-witness"
    place.shop.before = lambda _: None
    place.shop.log.clear()
    status, _, err = place.whole("--resume")
    assert status == 1 and "done before" in err
    second = {f"{o['method']} {o['path']}": o for o in place.report()["operations"]}
    assert second["POST /boxes"]["status"] == "probed"
    assert "POST /items" not in place.shop.log and "DELETE /items/{id}" in second


@pytest.mark.parametrize(("before", "there", "left"), [(2, "ours", 1), (6, "ours", 3), (2, "x", 3)])
def test_what_was_not_settled_yet_is_settled_by_the_list(
    place: Place, before: int, there: str, left: int
) -> None:
    """Each shows two identifiers; of two of them no answer had shown that they were new."""
    place.shop.kept["items"] = {
        n: {"id": n, "name": "somebody's" if n == 1 else f"{there}-{n}-long", "size": 1}
        for n in (1, 2, 3)
    }
    things = [
        Thing(
            "item", "/items", {str(n): "id"}, OperationId("POST", "/items"), n, "staff",
            unsure=True, unlisted=before, marks=marks_of([f"ours-{n}-long"]),
        )
        for n in (2, 3)
    ]  # fmt: skip
    target = TargetInfo("default", place.shop.url)
    path = place.folder / "reports" / ".journal" / "default.jsonl"
    made = Recorder(JournalFile(path), target, Redaction(Secrets(), Portal()))
    made.begin(Head("default", place.shop.url, "d0c", paths=("shop.json",)))
    for each in things:
        made.thing("unsure", each)
    made.close()
    status, out, err = place.cleanup()
    assert len(place.shop.kept["items"]) == left, (out, err)
    assert (status == 0) is (left == 1) and 1 in place.shop.kept["items"]


def test_what_the_clean_up_showed_is_kept_and_not_lost_again(place: Place) -> None:
    """Killed when items are over; the rest finds none to delete, so nothing more is seen of it."""
    made = document()
    answers = made["paths"]["/items/{id}"]["delete"]["responses"]
    answers["200"] = answers.pop("204")
    (place.folder / "shop.json").write_text(json.dumps(made))
    only = ["POST /items", "DELETE /items/{id}", "GET /boxes"]
    options = [part for one in only for part in ("--operation", one)]
    held = Held(place.shop, "GET /boxes", 3)
    process = place.check(*options)
    held.wait()
    process.kill()
    process.communicate()
    held.released.set()
    place.shop.before = lambda _: None
    place.shop.kept["items"].clear()

    def told() -> tuple[str, list[str]]:
        report = place.report()
        (status,) = (o["status"] for o in report["operations"] if o["method"] == "DELETE")
        found = [f for f in report["findings"] if f["operation"].startswith("DELETE")]
        return status, [f["rule"] for f in found]

    place.run("report", "--from-journal", "reports")
    assert told() == ("partial", ["status-undocumented"])
    place.shop.log.clear()
    place.whole(*options, "--resume")
    assert not any(line.startswith("DELETE /items/") for line in place.shop.log)
    assert told() == ("partial", ["status-undocumented"])
