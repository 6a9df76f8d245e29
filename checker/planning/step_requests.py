"""Workflow steps as requests: variables filled in, the record's base URL and token chosen. Pure."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import quote, unquote, unquote_plus

from checker.domain.exchange import Base, Call, Request
from checker.domain.operation import SAFE_METHODS, OperationId
from checker.domain.schema import MISSING
from checker.domain.templates import TEMPLATE
from checker.domain.workflow import Record, Step
from checker.errors import WorkflowError
from checker.planning import edits
from checker.planning.encoding import (
    FORM,
    JSON,
    MULTIPART,
    encode_body,
    encode_query,
    encoded_segment,
    path_parameters,
    safe_segment,
    scalar_text,
    undotted,
)
from checker.planning.recipe import file_content, find_operation
from checker.planning.variables import Scope, substitute
from checker.planning.variation import vary


@dataclass(slots=True)
class RequestBuilder:
    """Builds steps' requests in one scope; see `StepRunner` for the rest of its parts."""

    scope: Scope
    records: Mapping[OperationId, Record] = field(default_factory=dict)
    default_token: str | None = None
    token_types: Collection[str] | None = None

    def request(self, step: Step) -> Request:
        """The step's request.

        Raises WorkflowError for an unknown variable, a path parameter without a value and a
        step without a path.
        """
        record = self._record_of(step)
        step = self._varied(step)
        try:
            if not step.path or not step.method:
                raise WorkflowError("the step has no method or path.", "Give it both.")
            path, _, inline = step.path.partition("?")
            url_path = "/".join(self._segment(s, step.method) for s in path.split("/"))
            query = dict(substitute(dict(step.params), self.scope))
            for pair in inline.split("&") if inline else []:
                name, _, value = pair.partition("=")
                query.setdefault(unquote_plus(name), substitute(unquote_plus(value), self.scope))
            headers = self._headers(step)
            content, media_type = self._body(step)
        except WorkflowError as error:
            place = step.location.file
            line = f":{step.location.line}" if step.location.line else ""
            where = f"{place}{line}, step {step.id}: " if place else f"step {step.id}: "
            raise WorkflowError(where + error.message, error.mend) from None
        fallback = step.use_fallback or bool(record and record.use_fallback)
        base: Base = "fallback" if fallback else "primary"
        token = step.token or self.default_token
        if record is not None and record.use_fallback and not step.token:
            token = first_token(record, self.token_types) or token
        return Request(
            method=step.method.upper(),
            url_path=url_path if url_path.startswith("/") else "/" + url_path,
            query=encode_query(query),
            headers=headers,
            content=content,
            media_type=media_type,
            token=None if step.anonymous else token,
            base=base,
            operation=step.operation,
        )

    def _varied(self, step: Step) -> Step:
        """The step with the values changed that each use has to change."""
        if not step.vary:
            return step
        number = self.scope.number()
        form = step.form_fields or None
        call = Call(
            OperationId(step.method, step.path),
            query=step.params,
            header=step.headers,
            body=step.body if form is None else form,
        )
        for each in step.vary:
            value = edits.get(call, each.key)
            if value is not MISSING:
                fresh = vary(value, number, each.schema, each.shaped)
                call = edits.put(call, each.key, fresh)
        parts = {"body" if form is None else "form_fields": call.body}
        return replace(step, params=call.query, headers=call.header, **parts)

    def _headers(self, step: Step) -> tuple[tuple[str, str], ...]:
        named = substitute(dict(step.headers), self.scope)
        headers = [(str(k), scalar_text(v)) for k, v in named.items()]
        if step.cookies:
            values = substitute(dict(step.cookies), self.scope)
            text = "; ".join(
                f"{k}={quote(scalar_text(v), safe='', errors='replace')}" for k, v in values.items()
            )
            headers.append(("Cookie", text))
        return tuple(headers)

    def _segment(self, segment: str, method: str) -> str:
        bare = TEMPLATE.sub("", segment)
        for name in path_parameters(bare):
            value = self.scope.stored(name)
            if value is MISSING:
                raise WorkflowError(
                    f"The path parameter {{{name}}} has no value.",
                    f"Write {{{{{name}}}}} there and extract it in an earlier step, or give it "
                    f"with --var {name}=….",
                )
            segment = segment.replace("{" + name + "}", "{{" + name + "}}")
        if not TEMPLATE.search(segment):
            return undotted(quote(unquote(segment), safe="@:!$&'()*+,;=~-._", errors="replace"))
        value = scalar_text(substitute(segment, self.scope))
        if method.upper() not in SAFE_METHODS and safe_segment(value) is None:
            raise WorkflowError(
                f"{value!r} in the place of {segment} makes the path one of something else.",
                "Extract or give another value.",
            )
        return encoded_segment(value)

    def _body(self, step: Step) -> tuple[bytes | None, str | None]:
        if step.form_fields or step.file_fields:
            fields = substitute(dict(step.form_fields), self.scope)
            files = substitute(dict(step.file_fields), self.scope)
            media = step.content_type or (MULTIPART if files else FORM)
            try:
                parts = {k: file_content(v) for k, v in files.items()}
            except ValueError:
                raise WorkflowError("A file field's base64 can't be decoded.", "Mend it.") from None
            return encode_body({**fields, **parts}, media)
        if step.body is MISSING:
            return None, None
        return encode_body(substitute(step.body, self.scope), step.content_type or JSON)

    def _record_of(self, step: Step) -> Record | None:
        if step.operation is not None and step.operation in self.records:
            return self.records[step.operation]
        found = find_operation(step.method, step.path, self.records)
        return self.records[found] if found is not None else None


def first_token(record: Record, token_types: Collection[str] | None) -> str | None:
    """The record's first token type that there is; None where there is none of them."""
    for token in record.tokens:
        if token_types is None or token in token_types:
            return token
    return None
