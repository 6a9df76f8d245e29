"""What kind of complaint one is: by what was learned, sent and answered; by words last. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from checker.domain.observation import Rejection
from checker.domain.schema import MISSING
from checker.search.complaints import ComplaintKind
from checker.search.echo import Sent
from checker.search.lessons import Lessons
from checker.search.reading import Reading
from checker.search.wording import means, tokens

_SPECIFIC = (ComplaintKind.UNKNOWN, ComplaintKind.REFERENCE, ComplaintKind.TAKEN)


def kind_of(
    reading: Reading, sent: Sent, lessons: Lessons, rejection: Rejection | None
) -> ComplaintKind:
    """The kind of a complaint; words count only where nothing else tells it."""
    if rejection is Rejection.AUTHORISATION:
        return ComplaintKind.ACCESS
    spoken = spoken_kind(text for _, text in reading.marks)
    learned = lessons.kind_of(reading.marks)
    if reading.named is None:
        return _unnamed(reading, rejection, learned or spoken)
    if learned not in (None, ComplaintKind.INVALID):
        return learned
    return _named(reading, sent, rejection, spoken, learned is not None)


def _named(
    reading: Reading,
    sent: Sent,
    rejection: Rejection | None,
    spoken: ComplaintKind | None,
    learned: bool,
) -> ComplaintKind:
    named = reading.named
    assert named is not None
    value = sent.value(named.key, named.index)
    if value is MISSING or (spoken is ComplaintKind.MISSING and lacks(reading, sent) is not None):
        return ComplaintKind.MISSING
    if named.undocumented:
        return ComplaintKind.UNKNOWN if not learned else ComplaintKind.INVALID
    if spoken in _SPECIFIC:
        return spoken
    if rejection is Rejection.ABSENCE:
        return ComplaintKind.REFERENCE
    if rejection is Rejection.CONFLICT:
        return spoken if spoken is ComplaintKind.STATE else ComplaintKind.TAKEN
    if spoken is ComplaintKind.STATE:
        return spoken
    if spoken is ComplaintKind.MISSING and not value and value is not False and value != 0:
        return spoken
    return ComplaintKind.INVALID


def lacks(reading: Reading, sent: Sent) -> int | None:
    """The item of a list that lacks the field, where the answer doesn't say which one it is."""
    named = reading.named
    return sent.lacking(named.key) if named is not None and named.index is None else None


def _unnamed(
    reading: Reading, rejection: Rejection | None, spoken: ComplaintKind | None
) -> ComplaintKind:
    if rejection is Rejection.ABSENCE:
        return ComplaintKind.REFERENCE
    if rejection is Rejection.CONFLICT:
        return spoken if spoken is ComplaintKind.TAKEN else ComplaintKind.STATE
    if reading.either and spoken is None:
        return ComplaintKind.MISSING
    return spoken or ComplaintKind.OTHER


def spoken_kind(texts: Iterable[str]) -> ComplaintKind | None:
    """The kind that words speak of; None where they speak of none, or of several."""
    found = {kind for text in texts for kind in _spoken(text[:1_000])}
    for kind in (*_SPECIFIC, ComplaintKind.STATE):
        if kind in found and len(found) > 1 and found - {kind} == {ComplaintKind.MISSING}:
            return kind
    return next(iter(found)) if len(found) == 1 else None


@lru_cache(maxsize=2_048)
def _spoken(text: str) -> frozenset[ComplaintKind]:
    plain = text if " " in text.strip() else " ".join(t.word for t in tokens(text))
    return frozenset(ComplaintKind(m) for m in means("refusals", plain))
