"""What a run is about, before anything is sent: documents, and for each target its part."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from checker.documents.har import Recorded, calls_from_har, load_har, undocumented_in_har
from checker.documents.portal import load_portal
from checker.domain.operation import Operation
from checker.domain.portal import Portal
from checker.domain.workflow import Record
from checker.errors import DocumentError, NothingMatched, UsageError
from checker.pipeline.choosing.selection import Selection, check_selected, for_target, select
from checker.pipeline.doubts.base_path import without_base_path
from checker.pipeline.gating import gate_for
from checker.pipeline.recordings import Recordings, with_recordings
from checker.planning.configured import without_headers
from checker.planning.credentials import (
    documented_logins,
    documented_shapes,
    with_header_tokens,
    with_joint,
)
from checker.planning.recipe import find_operation
from checker.safety.effects import Effect
from checker.safety.gate import Gate
from checker.safety.policy import matches
from checker.settings import Settings, Target

Files = Mapping[str, Sequence[Recorded]]


@dataclass(frozen=True, slots=True)
class Part:
    """One target with its documents, its operations and the recorded calls of them.

    `target` is as it is called, `configured` as the user gave it.
    """

    target: Target
    portal: Portal
    selection: Selection
    recordings: Recordings
    configured: Target


@dataclass(frozen=True, slots=True)
class Intent:
    """How many operations a run will do what with, in the order of growing harm."""

    reads: int = 0
    creates: int = 0
    changes: int = 0
    skipped: int = 0
    documents: int = 0
    addresses: tuple[str, ...] = ()

    @property
    def operations(self) -> int:
        return self.reads + self.creates + self.changes + self.skipped


def load(settings: Settings) -> Portal:
    """All documents of a run, records of `--workflows` first.

    Raises UsageError where there are none, NothingMatched for a records' folder without records.
    """
    portal = load_portal(settings.paths, settings)
    records: list[Record] = []
    for folder in settings.workflows:
        if not folder.exists():
            raise UsageError(f"--workflows: {folder} doesn't exist.")
        found = load_portal((folder,), settings).records
        if not found:
            raise NothingMatched(
                f"--workflows: {folder} holds no workflow record.", "Name the folder that does."
            )
        records += found
    portal = replace(portal, records=(*records, *portal.records))
    if not portal.documents and not portal.pages:
        names = ", ".join(str(p) for p in settings.paths)
        why = f" ({portal.notes[0].rstrip('.')})" if portal.notes else ""
        raise UsageError(
            f"No API document was found in {names}{why}.", "Give the folder that has them."
        )
    return portal


def check_readable(portal: Portal) -> None:
    """Raises DocumentError where there is nothing to call since a document is broken: what was
    meant can't be checked, and neither a drift nor a server is to blame."""
    if any(True for _ in portal.operations()) or portal.records:
        return
    for document in portal.documents:
        for problem in document.problems:
            if problem.fatal:
                at = problem.location
                line = f":{at.line}" if at.line else ""
                raise DocumentError(f"{at.file}{line}: {problem.message}", problem.mend)


def unmatched(settings: Settings, portal: Portal) -> Iterator[str]:
    """A sentence for each pattern that names nothing that there is: a misspelt `deny` would
    protect nothing."""
    known = [o.id for o in portal.operations()]
    lines = [str(id_) for id_ in known]
    given = [("--allow", settings.allow), ("--deny", settings.deny)]
    for target in settings.targets:
        for key in ("allow", "deny", "destructive"):
            given.append((f"Target {target.name}, {key}", getattr(target, key)))
    for option, pattern in [(option, p) for option, patterns in given for p in patterns]:
        method, _, path = pattern.partition(" ")
        named = any(matches(line, (pattern,)) for line in lines)
        if not named and find_operation(method, path, known) is None:
            yield f"{option}: {pattern!r} is the name of no operation."
    if settings.legacy and not any(d.info.legacy for d in portal.documents):
        names = ", ".join(map(repr, settings.legacy))
        yield f"--legacy: {names} matches no document."


def prepare(settings: Settings, portal: Portal, *, strict: bool = True) -> list[Part]:
    """The part of each target; `strict`: a selecting option that names nothing is an error.

    Raises NothingMatched where a target's `documents` or a recording match nothing: a run that
    went on would be silent about what was meant, and look green.
    """
    if strict:
        check_selected(portal, settings)
    files = {str(path): load_har(path, str(path)) for path in settings.har}
    parts = [_part(settings, portal, t, files) for t in settings.targets or (Target(),)]
    for file, entries in files.items():
        if not any(_matches(entries, part) for part in parts):
            _nothing_recorded(file, entries, parts)
    return parts


def intent(settings: Settings, portal: Portal) -> Intent:
    """What the run would do, by the effects of its operations; nothing is sent."""
    parts = prepare(settings, portal)
    counts = {"reads": 0, "creates": 0, "changes": 0, "skipped": 0}
    for part in parts:
        asked = (*part.selection.current, *part.selection.recorded)
        if settings.static:  # nothing is sent, so that no effect need be read
            counts["skipped"] += len(asked)
            continue
        gate = gate_for(settings, part.target, part.portal.operations(), part.portal.records)
        for operation in asked:
            counts[_doing(gate, operation)] += 1
    files = {d.info.file for part in parts for d in part.portal.documents}
    addresses = (u for p in parts for u in (p.target.base_url, p.target.fallback_url) if u)
    return Intent(**counts, documents=len(files), addresses=tuple(dict.fromkeys(addresses)))


def _doing(gate: Gate, operation: Operation) -> str:
    effect = gate.assessor.assess(operation).effect
    if gate.expected(operation) is not None:
        return "skipped"
    if effect in (Effect.READS, Effect.SIGNS_IN):
        return "reads"
    return "creates" if effect is Effect.CREATES else "changes"


def _part(settings: Settings, portal: Portal, target: Target, files: Files) -> Part:
    part = without_headers(for_target(portal, target, settings.paths), target)
    if target.documents and not (part.documents or part.pages):
        globs = ", ".join(repr(g) for g in target.documents)
        some = ", ".join(d.info.file for d in portal.documents[:3])
        raise NothingMatched(
            f"Target {target.name}: documents = {globs} matches none of the "
            f"{len(portal.documents)} documents.",
            f"The globs are for paths below PATH; there is {some}.",
        )
    selection = select(part, settings, target.name)
    recordings: Recordings = {}
    if files:
        selection, recordings = with_recordings(selection, part, settings, target, files)
    known = (*selection.known, *selection.current)
    return Part(called(target, known), part, selection, recordings, target)


def called(target: Target, operations: Sequence[Operation]) -> Target:
    """A target as it is called: its credentials travel as the documents say where the user
    doesn't, and its base URL has no base path of theirs."""
    target = with_header_tokens(target, operations)
    tokens = documented_shapes(target.tokens, operations)
    tokens = documented_logins(with_joint(tokens, operations), operations)
    return without_base_path(replace(target, tokens=tokens), operations)


def _matches(entries: Sequence[Recorded], part: Part) -> bool:
    """Whether a recording has a usable call to the target, whichever operations are selected."""
    urls = [u for u in (part.target.base_url, part.target.fallback_url) if u]
    known = tuple(part.portal.operations())
    return bool(calls_from_har(entries, known, urls) or undocumented_in_har(entries, known, urls))


def _nothing_recorded(file: str, entries: Sequence[Recorded], parts: Sequence[Part]) -> None:
    where = ", ".join(p.target.base_url for p in parts if p.target.base_url) or "the documents"
    hosts = ", ".join(list(dict.fromkeys(e.base for e in entries))[:3]) or "nowhere"
    raise NothingMatched(
        f"--har: none of the {len(entries)} requests in {file} is a successful call of {where}.",
        f"It was recorded at {hosts}.",
    )
