"""One operation with n optional fields of which some are really required (aiohttp).

`POST /things` answers 201, or 400 with `{"error": "invalid request"}` and no word about which
field is missing. `--required` names the really required ones (`f3,f17`); `--requires f1:f2`
(repeatable) makes f2 needed where f1 is present. `GET /__requests` tells how many requests came.
`--document` prints the OpenAPI document, all fields optional, and ends.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from aiohttp import web
from listening import announce, bind, parser


def document(fields: int) -> dict[str, Any]:
    """What a user would have: every field a documented, optional string with an example."""
    properties = {f"f{n}": {"type": "string", "example": f"v{n}"} for n in range(fields)}
    schema = {"type": "object", "properties": properties}
    return {
        "openapi": "3.0.3",
        "info": {"title": "Things", "version": "1", "description": "No token is needed."},
        "servers": [{"url": "/"}],
        "security": [],
        "paths": {
            "/things": {
                "post": {
                    "operationId": "createThing",
                    "requestBody": {
                        "required": True,
                        "content": {"application/json": {"schema": schema}},
                    },
                    "responses": {
                        "201": {"description": "Made."},
                        "400": {"description": "Refused."},
                    },
                }
            }
        },
    }


def application(
    fields: int, required: frozenset[str], requires: tuple[tuple[str, str], ...] = ()
) -> web.Application:
    """The server; usable in-process by a benchmark as well."""
    names = {f"f{n}" for n in range(fields)}
    seen = {"count": 0}

    async def create(request: web.Request) -> web.Response:
        seen["count"] += 1
        try:
            value = json.loads(await request.read())
        except ValueError:
            value = None
        sound = (
            isinstance(value, dict)
            and required <= value.keys()
            and all(isinstance(value[name], str) for name in names & value.keys())
            and all(other in value for name, other in requires if name in value)
        )
        if not sound:
            return web.json_response({"error": "invalid request"}, status=400)
        kept = {name: value[name] for name in sorted(names & value.keys())}
        return web.json_response({"id": seen["count"], **kept}, status=201)

    async def count(request: web.Request) -> web.Response:
        return web.json_response({"requests": seen["count"]})

    app = web.Application()
    app.add_routes([web.post("/things", create), web.get("/__requests", count)])
    return app


def main() -> None:
    options = parser(__doc__ or "")
    options.add_argument("--fields", type=int, default=16)
    options.add_argument("--required", default="")
    options.add_argument("--requires", action="append", default=[], metavar="A:B")
    options.add_argument("--document", action="store_true")
    given = options.parse_args()
    if given.document:
        print(json.dumps(document(given.fields), indent=2))
        return
    required = frozenset(filter(None, given.required.split(",")))
    pairs = tuple((a, b) for a, _, b in (pair.partition(":") for pair in given.requires))
    sock = bind(given.port)
    app = application(given.fields, required, pairs)
    web.run_app(app, sock=sock, print=lambda *_: announce(sock), access_log=None)


if __name__ == "__main__":
    main()
