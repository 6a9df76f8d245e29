"""Whether documents are valid, by a tool that isn't ours."""

from __future__ import annotations

import json
from typing import Any

import yaml
from openapi_spec_validator import (
    OpenAPIV2SpecValidator,
    OpenAPIV30SpecValidator,
    OpenAPIV31SpecValidator,
)

VALIDATORS: dict[str, Any] = {
    "2.0": OpenAPIV2SpecValidator,
    "3.0": OpenAPIV30SpecValidator,
    "3.1": OpenAPIV31SpecValidator,
}


def errors(text: str) -> set[str]:
    """What a validator says against a document."""
    # Statuses may be written as numbers; in JSON every name is a text.
    document = json.loads(json.dumps(yaml.safe_load(text), default=str))
    kind = VALIDATORS[str(document.get("openapi") or document["swagger"])[:3]]
    return {str(e.message) for e in kind(document).iter_errors()}
