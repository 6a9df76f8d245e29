"""The routes: pages to look at, and forms that start, stop, retest, decide and accept."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from urllib.parse import parse_qs

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from checker.errors import DriftcheckError
from checker.serving.desk import Desk, Entry, Setting
from checker.serving.guard import Guard
from checker.serving.live import LiveRun
from checker.serving.pages import Pages, narrowed

MOST_FORM = 20_000
ACCEPT_S = 60.0
_CHOICES = ("state", "severity", "rule", "operation")
_DECISIONS = {"done": "done", "skip": "skip", "open": ""}

Page = Callable[[Request, Desk], Awaitable[Response]]


class Desktop:
    """The application behind the guard; `live` is the run that goes on."""

    def __init__(self, setting: Setting, mask: Callable[[str], str], port: int) -> None:
        self.setting = setting
        self.live = LiveRun()
        self.accepting = LiveRun()
        pages = (
            ("/", self._overview),
            ("/findings", self._findings),
            ("/findings.csv", self._csv),
            ("/finding/{fingerprint}", self._finding),
            ("/runs/{run}", self._run),
            ("/next", self._next),
        )
        forms = (
            ("/start", self._start),
            ("/stop", self._stop),
            ("/finding/{fingerprint}/decide", self._decide),
            ("/finding/{fingerprint}/retest", self._retest),
            ("/finding/{fingerprint}/accept", self._accept),
        )
        routes = [Route(path, self._told(page), methods=["GET"]) for path, page in pages]
        routes += [Route(path, self._told(form), methods=["POST"]) for path, form in forms]
        self.guard = Guard(Starlette(routes=routes), port)
        self.pages = Pages(f"/{self.guard.token}", mask)

    def close(self) -> None:
        """No run goes on afterwards."""
        self.live.close()
        self.accepting.close()

    def _told(self, page: Page) -> Callable[[Request], Awaitable[Response]]:
        """The page; an expected error is a page too."""

        async def answer(request: Request) -> Response:
            try:
                return await page(request, Desk(self.setting))
            except DriftcheckError as error:
                return self._message("That didn't work", str(error), 500)

        return answer

    # -- pages ---------------------------------------------------------------------------------

    async def _overview(self, _: Request, desk: Desk) -> Response:
        return HTMLResponse(await run_in_threadpool(self.pages.overview, desk, self.live.state))

    async def _findings(self, request: Request, desk: Desk) -> Response:
        return HTMLResponse(await run_in_threadpool(self.pages.findings, desk, _chosen(request)))

    async def _csv(self, request: Request, desk: Desk) -> Response:
        entries = narrowed(await run_in_threadpool(lambda: desk.queue), _chosen(request))
        name = {"Content-Disposition": 'attachment; filename="findings.csv"'}
        return Response(self.pages.csv(entries), media_type="text/csv", headers=name)

    async def _finding(self, request: Request, desk: Desk) -> Response:
        entry = self._entry(request, desk)
        if entry is None:
            return self._message("Not found", "No finding of the last runs is called so.", 404)
        return HTMLResponse(self.pages.finding(entry, self.live.running))

    async def _run(self, request: Request, desk: Desk) -> Response:
        name = request.path_params["run"]
        run = next((one for one in desk.runs if one.id == name), None)
        if run is None:
            return self._message("Not found", "No run is remembered under this name.", 404)
        series = [r for r in desk.runs if r.series == run.series and r.started_at <= run.started_at]
        return HTMLResponse(self.pages.run(series))

    async def _next(self, request: Request, desk: Desk) -> Response:
        entry = desk.next(request.query_params.get("after", ""))
        return self._to("/findings" if entry is None else f"/finding/{entry.finding.fingerprint}")

    # -- forms ---------------------------------------------------------------------------------

    async def _start(self, _: Request, __: Desk) -> Response:
        started = self.live.start("A whole run", self.setting.check())
        return self._to("/") if started else self._busy()

    async def _stop(self, _: Request, __: Desk) -> Response:
        self.live.stop()
        return self._to("/")

    async def _decide(self, request: Request, desk: Desk) -> Response:
        entry, form = self._entry(request, desk), await _form(request)
        if entry is None or form.get("state") not in _DECISIONS:
            return self._message("Not found", "There is no such finding or decision.", 404)
        name = entry.finding.fingerprint
        desk.store.decide(name, _DECISIONS[form["state"]], form.get("reason", ""))
        return self._to(f"/next?after={name}" if form["state"] != "open" else f"/finding/{name}")

    async def _retest(self, request: Request, desk: Desk) -> Response:
        entry = self._entry(request, desk)
        if entry is None or not entry.finding.operation:
            return self._message("Not found", "There is no operation to test again.", 404)
        operation = entry.finding.operation
        started = self.live.start(f"{operation} again", self.setting.retest(operation))
        return self._to("/") if started else self._busy()

    async def _accept(self, request: Request, desk: Desk) -> Response:
        entry, form = self._entry(request, desk), await _form(request)
        reason = " ".join(form.get("reason", "").split())
        if entry is None:
            return self._message("Not found", "There is no such finding.", 404)
        if not reason:
            return self._message("A reason is needed", "Say why the finding is accepted.", 400)
        if not self.accepting.start("The baseline", self.setting.accept(entry, reason)):
            return self._busy()
        ended = await run_in_threadpool(self.accepting.wait, ACCEPT_S)
        state = self.accepting.state
        if not ended or state is None or state.status:
            said = " ".join(state.lines) if state is not None else ""
            return self._message("The baseline wasn't written", said, 500)
        desk.store.decide(entry.finding.fingerprint, "accepted", reason)
        return self._to(f"/next?after={entry.finding.fingerprint}")

    # -- helpers -------------------------------------------------------------------------------

    def _entry(self, request: Request, desk: Desk) -> Entry | None:
        return desk.entry(str(request.path_params["fingerprint"]))

    def _to(self, path: str) -> Response:
        return RedirectResponse(f"/{self.guard.token}{path}", 303)

    def _busy(self) -> Response:
        return self._message("Busy", "A run goes on: wait for its end, or stop it.", 409)

    def _message(self, title: str, text: str, status: int) -> Response:
        return HTMLResponse(self.pages.message(title, text), status)


def _chosen(request: Request) -> dict[str, str]:
    return {name: request.query_params.get(name, "") for name in _CHOICES}


async def _form(request: Request) -> dict[str, str]:
    """A form's fields; one that is too long counts for none."""
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > MOST_FORM:
            return {}
    fields = parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True)
    return {name: values[0] for name, values in fields.items()}
