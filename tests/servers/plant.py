"""Writes the drifted documents and the truth of every test server.

`<server>/truthful/` is written by hand and describes the server as it is. `planted.yaml` names
each drift together with the edits that plant it, so a drifted document differs from the truth in
the planted facts and in nothing else. Run this file after a change of either.

An edit is `[path, value]`, or `[path]` to remove; a path is a list of keys, `name=x` selects the
list item with that name, a last `+` appends.
"""

from __future__ import annotations

import copy
import json
import shutil
import sys
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "helpers"))

from document_files import load  # noqa: E402

SERVERS = ("shop", "rooms", "tracker", "ledger", "ten_cases")


def dump(path: Path, value: Any) -> str:
    """The document's text in the dialect of its file name."""
    if path.suffix == ".json":
        return json.dumps(value, indent=2, ensure_ascii=False) + "\n"
    return yaml.safe_dump(value, sort_keys=False, allow_unicode=True, width=100)


def apply(document: Any, edit: list[Any]) -> None:
    """One edit, in place; LookupError where its path leads nowhere."""
    *parents, last = edit[0]
    node = document
    for key in parents:
        node = node[index(node, key)]
    if last == "+":
        node.append(edit[1])
    elif len(edit) == 1:
        del node[last]
    else:
        node[last] = copy.deepcopy(edit[1])


def index(node: Any, key: Any) -> Any:
    """A key of an object, or the number of the list item that `name=x` selects."""
    if not isinstance(node, list):
        return key
    name = str(key).removeprefix("name=")
    return next(n for n, item in enumerate(node) if item.get("name") == name)


def planted(server: str) -> tuple[dict[str, Any], str, str]:
    """Run options, the drifted document's text and the text of truth.json."""
    folder = HERE / server
    plan = load(folder / "planted.yaml")
    name = plan["run"]["document"]
    document = load(folder / "truthful" / name)
    for drift in plan["drifts"]:
        for edit in drift["edits"]:
            apply(document, edit)
    truth = [
        {key: value for key, value in drift.items() if key != "edits"} for drift in plan["drifts"]
    ]
    for entry in truth:
        entry.setdefault("alternatives", [])
    text = dump(folder / "drifted" / name, document)
    return plan["run"], text, json.dumps(truth, indent=2) + "\n"


def main() -> None:
    for server in SERVERS:
        run, document, truth = planted(server)
        folder = HERE / server
        for name in ("workflows", "legacy"):
            if (folder / "truthful" / name).is_dir():
                target = folder / "drifted" / name
                shutil.copytree(folder / "truthful" / name, target, dirs_exist_ok=True)
        (folder / "drifted").mkdir(exist_ok=True)
        (folder / "drifted" / run["document"]).write_text(document, encoding="utf-8")
        (folder / "truth.json").write_text(truth, encoding="utf-8")


if __name__ == "__main__":
    main()
