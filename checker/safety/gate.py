"""The gate: may this request be sent? Pure; the wire asks it before every request.

Reading is sent. Creating is sent, up to a number of things a collection. Changing and deleting is
sent on own things only. What concerns the caller's account, the whole service, people or money
outside is not sent, nor what nothing is known about, unless the configuration allows it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from checker.domain.exchange import Exchange, Request, Response
from checker.domain.operation import SAFE_METHODS, Operation, OperationId, Place
from checker.lexicon import operation_line, read
from checker.planning.answered import is_nothing
from checker.planning.encoding import may_stray
from checker.planning.markup import content_of
from checker.planning.producers import noun_of
from checker.planning.recipe import match_path
from checker.planning.routes import resource_of
from checker.safety.assessor import Assessor
from checker.safety.brought import names_in, values_at
from checker.safety.claims import Claims, placed
from checker.safety.contents import HARM, commanded, flagged, is_caller, overrides, speaks
from checker.safety.deeds import Deeds
from checker.safety.effects import Assessment, Effect
from checker.safety.extras import extra
from checker.safety.ownership import Ledger
from checker.safety.policy import Held, Policy, denied, held_by, matches
from checker.safety.proofs import Proofs
from checker.safety.routes import Routes
from checker.safety.things import made_up
from checker.safety.wording import told_outside, tries_a_proof

STEPS_SHARE = 4
"""One in so many of the things that may be made is kept for the steps of other operations."""
MAX_REFUSED = 3
OPEN_ONES = 2
"""Things made of which nothing shows that they are new: then the collection is read again."""


@dataclass(slots=True)
class Gate:
    """Decides for one run against one target.

    `operations` are all that the documents and records have; `own_addresses` gives the
    addresses of the run's own webhook listener.
    """

    policy: Policy
    operations: Mapping[OperationId, Operation]
    ledger: Ledger
    own_addresses: Callable[[], Sequence[str]] = lambda: ()
    makers: frozenset[OperationId] = frozenset()
    """Operations from whose answers a record takes an identifier."""
    assessor: Assessor = field(init=False)
    routes: Routes = field(init=False)
    proofs: Proofs = field(init=False)
    claims: Claims = field(init=False)
    deeds: Deeds = field(init=False)
    _told: Counter[str] = field(default_factory=Counter)
    """How often `unread` has named each collection, or found no need to."""
    lent: set[str] = field(default_factory=set)
    """Paths of foreign things that are borrowed: they will be written back."""
    sending: Callable[[int, Request], None] = lambda number, request: None
    """Told of each request just before it goes out, with its number."""

    def __post_init__(self) -> None:
        self.assessor = Assessor(self.operations.values(), self.makers)
        self.routes = Routes(self.operations, self.assessor)
        self.proofs = Proofs(self.ledger, self.operations)
        self.claims = Claims(self.ledger, self.routes, self.proofs)
        self.deeds = Deeds(self.ledger, self.assessor, self.claims, self.lent, self.makers)

    # -- before anything is sent ---------------------------------------------------------------

    def expected(self, operation: Operation) -> Held | None:
        """What is certain beforehand: why an operation is not sent, whatever its values."""
        return self._by_policy(operation.id, self.assessor.assess(operation))

    def _by_policy(self, operation: OperationId, assessed: Assessment) -> Held | None:
        return held_by(self.policy, operation, assessed, self.own_addresses)

    # -- each request --------------------------------------------------------------------------

    def held(self, request: Request) -> Held | None:
        """Why a request is not sent; None where it may be."""
        if self.policy.dry_run:
            return Held("held back by --dry-run", "leave it out")
        if matches(f"{request.method} {request.url_path}", self.policy.deny):
            return denied()
        if request.purpose == "token":
            return None  # nothing of the API's: the configured authorisation server's
        if request.method in SAFE_METHODS and not overrides(request):
            return self._reading(request)
        if self.policy.read_only:
            return Held("held back by --read-only", "leave it out")
        if request.purpose == "sign-in":
            return None  # the configuration names this very request
        if overrides(request):
            return Held("it asks for another method than its own", "", kind="path")
        operation = self.routes.operation(request)
        named = operation.id if operation is not None else request.operation
        if may_stray(request.url_path, named.path if named is not None else None):
            return Held("a server may read its path as another one", "", kind="path")
        if operation is None:
            return self._stranger(request)
        assessed = self.assessor.assess(operation)
        if request.purpose == "clean-up":
            return self._cleaning(request, operation)
        held = self._by_policy(operation.id, assessed)
        if held is not None or matches(str(operation.id), self.policy.allow):
            return held
        held = self._by_contents(request, operation, assessed)
        if held is not None:
            return held
        if self._is_lent(request):
            return _beyond(request, operation)
        return self._by_ownership(request, operation, assessed)

    def _by_contents(
        self, request: Request, operation: Operation, assessed: Assessment
    ) -> Held | None:
        """What the request's own values ask for, whatever its route says."""
        for name, value, above, template in placed(request, operation):
            if is_caller(value) and not operation.id.safe:
                return Held(f"{value!r} stands for the caller's own account", kind="path")
            nouns = (resource_of(template), noun_of(name))
            if speaks(value) and self.ledger.own(nouns, value, above) is None:
                return Held(f"its path says {value!r}", kind="path")
        effect = assessed.effect
        if effect in (Effect.READS, Effect.UNKNOWN):
            said = commanded(request) or (flagged(request) if effect is Effect.READS else "")
            if said:
                return Held(f"one of its values says {said!r}", kind="path")
        reads = effect is Effect.READS
        beyond = extra(request, operation, reads=reads) if self.restrains(operation.id) else ""
        if beyond:
            return Held(beyond, "`test_system = true` in the target's config sends it", kind="path")
        proof = tries_a_proof(operation, names_in(request))
        tries = effect is Effect.SIGNS_IN or (
            proof and not self.deeds.checks_none(request, operation)
        )
        known = request.purpose == "renewal"  # it was accepted before, as it is
        if tries and not known and self.deeds.refused[operation.id] >= MAX_REFUSED:
            return Held(f"{MAX_REFUSED} sign-ins in a row were refused; more may lock the account")
        return None

    def restrains(self, operation: OperationId) -> bool:
        """Whether an operation's requests are to ask for nothing beyond the thing itself."""
        return not self.policy.test_system and not matches(str(operation), self.policy.allow)

    def registers(self, operation: Operation) -> bool:
        """Whether an operation's requests may bring no address but the run's own listener's."""
        callback = self.assessor.assess(operation).effect is Effect.CALLBACK
        return callback and self.restrains(operation.id)

    def _reading(self, request: Request) -> Held | None:
        operation = self.routes.operation(request)
        if operation is None:
            return None
        assessed = self.assessor.assess(operation)
        held = self._by_policy(operation.id, assessed)
        if held is None and not matches(str(operation.id), self.policy.allow):
            held = self._by_contents(request, operation, assessed)
        if held is None and assessed.effect in (Effect.CREATES, Effect.CHANGES, Effect.DELETES):
            return self._by_ownership(request, operation, assessed)
        return held

    def held_hop(self, asked: str, url: str) -> Held | None:
        """Why a redirect from one address to another is not followed; None where it may be.

        Only reading requests are redirected; what the new address does is told as for any.
        """
        if asked == url:
            return None
        path = urlsplit(url).path
        if matches(f"GET {path}", self.policy.deny):
            return denied()
        lines = [operation_line(method, path) for method in ("GET", "POST")]
        if any(e.means in HARM for line in lines for e in read("effects", line)):
            return Held(f"it is redirected to {path}, whose name says what it does")
        found = [o for o in self.operations if o.method == "GET" and path.endswith(_tail(o, path))]
        acts = (Effect.CREATES, Effect.CHANGES, Effect.DELETES)
        if any(self.assessor.assess(self.operations[o]).effect in acts for o in found):
            return Held(f"it is redirected to {path}, which does more than read")
        held = (self.expected(self.operations[o]) for o in found)
        return next((h for h in held if h is not None), None)

    def _stranger(self, request: Request) -> Held | None:
        """What no document and no record has: sent where its path names something made up, brings
        nothing, and reading showed that nothing is there: some servers write to any path."""
        if matches(f"{request.method} {request.url_path}", self.policy.allow):
            return None
        if not any(made_up(unquote(s)) for s in re.split(r"[/.:]", request.url_path)):
            return Held("no document and no record has this operation", "", kind="path")
        if request.content is not None or request.query:
            return Held("a path that no document has may be written to", "", kind="path")
        above, _, segment = request.url_path.rstrip("/").rpartition("/")
        if self.ledger.absent(above, unquote(segment)):
            return None
        look = request.url_path
        return Held("nothing shows that there is nothing at its path", look=look, kind="path")

    def _cleaning(self, request: Request, operation: Operation) -> Held | None:
        """Clean-up deletes own things, whatever may be deleted else."""
        if matches(str(operation.id), self.policy.deny):
            return denied()
        if self._is_lent(request):
            return None
        told = told_outside(operation) if self.restrains(operation.id) else ""
        if told:
            ways = f'`allow = ["{operation.id}"]` or `test_system = true` in the target\'s config'
            why = f"its deletion reaches people or money outside ({told!r})"
            return Held(why, f"{ways} sends it")
        if self.claims.target(request, operation) is not None:
            held = self.claims.taken_along(request, operation)
            return held if held is not None else self.claims.unproved(request, operation)
        return Held("it is not of this run's making", "", kind="foreign")

    def _is_lent(self, request: Request) -> bool:
        """Whether a request writes what is borrowed; deleting it would be for good."""
        return request.url_path in self.lent and request.method in ("PUT", "PATCH")

    def _by_ownership(
        self, request: Request, operation: Operation, assessed: Assessment
    ) -> Held | None:
        effect = assessed.effect
        if effect is Effect.CALLBACK:
            effect = assessed.route  # whose thing gets the address is asked beside
            changes = effect is Effect.CHANGES
            held = None if self.policy.test_system else self._callback(request, none=changes)
            if held is not None:
                return held
        if assessed.route is Effect.CREATES and effect in (Effect.CREATES, Effect.CHANGES):
            held = self._creating(request, operation)
            if held is not None or effect is Effect.CREATES:
                return held
        if effect in (Effect.CHANGES, Effect.DELETES, Effect.OUTWARD, Effect.UNKNOWN):
            return self._changing(request, operation, assessed)
        if effect is Effect.SINGLETON:
            return Held("it isn't borrowed yet", "", kind="foreign")
        return None

    def _creating(self, request: Request, operation: Operation) -> Held | None:
        most = self.policy.max_created
        if request.purpose != "step" and self.assessor.is_needed(operation):
            most -= most // STEPS_SHARE  # probing it leaves some to what needs such things
        if self.ledger.count(request.url_path) >= most:
            return Held(
                f"{most} things were made there and are there still",
                "raise --max-created",
                kind="created",
            )
        if self.ledger.leaves_unnamed(request, operation.id):
            return Held("what it makes would have no name to remove it by")
        for claim in self.claims.of_creations():
            held = claim(request, operation)
            if held is not None:
                return held
        last = operation.id.path.rstrip("/").endswith("}")
        held = self.claims.path_unowned(request, operation, parents_only=not last)
        return held if held is not None else self.claims.unproved(request, operation)

    def _changing(
        self, request: Request, operation: Operation, assessed: Assessment
    ) -> Held | None:
        key = assessed.addressed
        if key is None:
            if assessed.effect is Effect.UNKNOWN:
                return self.claims.references_unowned(request, operation)
            if assessed.effect is Effect.OUTWARD:
                return None  # allowed by kind, and about no thing
            return Held(
                "nothing in it names a thing of this run's making",
                f'`allow = ["{operation.id}"]` in the target\'s config sends it',
                kind="foreign",
            )
        if assessed.effect is Effect.UNKNOWN:
            return self.claims.references_unowned(request, operation)
        if key.place is not Place.PATH:
            return self.claims.body_unowned(request, operation, key)
        for claim in self.claims.of_changes(deletes=assessed.effect is Effect.DELETES):
            held = claim(request, operation)
            if held is not None:
                return held
        return None

    def unread(self, request: Request) -> str:
        """The path of a collection that should be read before something is made in it: only then
        a later reading tells what is new. It is read again where the first things made leave it
        open whether they are, while it can be read. Empty where there is no need, or no way.
        """
        operation = self.routes.operation(request)
        path = request.url_path
        if operation is None or not self.deeds.creates(operation) or self._told[path] > 1:
            return ""
        if self._told[path] and len(self.ledger.unsettled(path)) < OPEN_ONES:
            return ""
        self._told[path] += 1
        if self._told[path] == 1 and self.ledger.was_listed(path):
            return ""
        return "" if self.ledger.below_own(path) else self.routes.listing(path)

    def _callback(self, request: Request, *, none: bool) -> Held | None:
        """Addresses of the run's own listener may be registered, no others; `none`: or no
        texts at all."""
        values = values_at(request, ())
        addresses = [v for v in values if "://" in v]
        if none and all(v in ("True", "False") or v.lstrip("-").isdigit() for v in values):
            return None
        own = [a.rstrip("/") for a in self.own_addresses()]
        if addresses and all(any(_below(a, each) for each in own) for a in addresses):
            return None
        return Held("it registers an address that isn't the run's own listener", "")

    def note_looked(self, path: str, response: Response | None, *, refused: bool = False) -> None:
        """A path was read to settle what stands there, if anything does; None: nobody could.

        `refused`: the answer is no acceptance, whatever its status. Where the documents have
        nothing at a path, that says as much as a 404; elsewhere it may be the credential.
        """
        strange = self.routes.find("GET", path) is None
        above, _, segment = path.rstrip("/").rpartition("/")
        if response is not None and (
            response.status in (404, 410)
            or (refused if strange else self._shows_nobodys(response, unquote(segment)))
        ):
            self.ledger.note_absent(above, unquote(segment))
            return
        # A list that can't be read any more has told something before.
        for place in self.routes.made_in("/" + path.strip("/")):
            self.ledger.settle(place)

    def _shows_nobodys(self, response: Response, name: str) -> bool:
        """Whether an answer shows nothing under a name that nobody can have given: some servers
        answer so for whatever isn't there."""
        empty = response.status < 300 and is_nothing(content_of(response))
        return empty and self.claims.is_nobodys(name)

    # -- what it did ---------------------------------------------------------------------------

    def note_sent(self, number: int, request: Request) -> None:
        """Before the answer is there."""
        self.sending(number, request)
        self.ledger.note_sent(number, request)

    def note(self, exchange: Exchange, accepted: bool) -> None:
        """After an answer: what it made, changed, deleted or showed."""
        request, response = exchange.request, exchange.response
        operation = self.routes.operation(request) if _was_sent(exchange) else None
        creates = operation is not None and self.deeds.creates(operation)
        if operation is not None and creates:
            self.ledger.note_posted(request, operation.id, answered=response is not None)
        if response is None:
            return
        if operation is not None and accepted and response.status < 400:
            self.deeds.note_effect(exchange, operation)
        elif operation is not None:
            self.deeds.refused[operation.id] += 1
        if response.status < 400:
            path = operation.id.path if operation is not None else request.url_path
            made = creates and accepted
            self.ledger.note_seen(exchange.number, response, path, made=made)
        self.note_reading(exchange)
        if request.method == "GET" and not request.query and response.status == 200:
            for place in self.routes.made_in(request.url_path):
                self.ledger.note_listed(request, response, path, place)

    def note_reading(self, exchange: Exchange) -> None:
        """After a reading: which addresses it has shown to lead to own things."""
        operation = self.routes.operation(exchange.request)
        if operation is not None:
            self.proofs.note_read(exchange, operation)


def _was_sent(exchange: Exchange) -> bool:
    """Whether a request may have come to the server, answered or not."""
    outcome = exchange.outcome
    return isinstance(outcome, Response) or outcome.kind in ("timeout", "reset")


def _below(address: str, own: str) -> bool:
    """Whether an address is this one or below it: not another port that begins alike."""
    return address == own or address.startswith((own + "/", own + "?", own + "#"))


def _beyond(request: Request, operation: Operation) -> Held | None:
    """What is borrowed gets documented fields only: others might stay there for ever."""
    known = {key.leaf for key in operation.fields}
    unknown = sorted(names_in(request) - known)
    if not unknown:
        return None
    return Held(f"it would give what is borrowed an undocumented {unknown[0]!r}", "")


def _tail(operation: OperationId, path: str) -> str:
    """The operation's own path where the end of a concrete path is one of its; else no end."""
    count = len([s for s in operation.path.split("/") if s])
    own = "/" + "/".join([s for s in path.split("/") if s][-count:]) if count else "/"
    return own if match_path(operation.path, own) is not None else "\0"
