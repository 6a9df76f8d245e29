"""Loading and judging one large document, beside openapi-spec-validator.

    python benchmarks/documents.py FILE
    python benchmarks/documents.py --npm @octokit/openapi 22.0.0 generated/api.github.com.json

Every figure comes from a process of its own: seconds without the interpreter's start, and the
peak memory. "load" parses and builds every operation, "validate" adds every error with its line,
"judge" is openapi-spec-validator's iter_errors on the parsed document. Growth: the same document
with a tenth of its paths, and whole.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from zlib import crc32

STAGES = ("parse", "load", "validate", "judge")


def measure(stage: str, file: str) -> dict[str, float]:
    """Runs one stage; seconds (imports apart), peak memory in MB and what was found."""
    start = time.perf_counter()
    found = 0
    if stage == "parse":
        imported = time.perf_counter()
        json.loads(Path(file).read_bytes())
    elif stage == "judge":
        from openapi_spec_validator import OpenAPIV30SpecValidator

        document = json.loads(Path(file).read_bytes())
        imported = time.perf_counter()
        found = sum(1 for _ in OpenAPIV30SpecValidator(document).iter_errors())
    else:
        from checker.documents.loader import load_document

        imported = time.perf_counter()
        loaded = load_document(Path(file), validate=stage == "validate")
        found = len(loaded.problems)
    done = time.perf_counter()
    peak = peak_mb()
    return {"imports": imported - start, "seconds": done - imported, "peak": peak, "found": found}


def peak_mb() -> float:
    """This process's peak memory (ru_maxrss would count the parent's before the exec)."""
    try:
        status = Path("/proc/self/status").read_text()
        return int(status.partition("VmHWM:")[2].split()[0]) / 1024
    except (OSError, IndexError, ValueError):
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def best(stage: str, file: Path, rounds: int = 3) -> dict[str, float]:
    """The fastest of some rounds, each in a new process."""
    command = [sys.executable, __file__, "--measure", stage, str(file)]
    runs = [
        json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        for _ in range(rounds)
    ]
    return min(runs, key=lambda run: run["seconds"])  # type: ignore[no-any-return]


def tenth(file: Path, folder: Path) -> Path:
    """The document with about every tenth path (the same ones of every version) and the schemas
    that they use."""
    document = json.loads(file.read_bytes())
    paths = document["paths"]
    document["paths"] = {p: paths[p] for p in paths if crc32(p.encode()) % 10 == 0}
    document["components"]["schemas"] = _used(document)
    document["components"].pop("examples", None)
    small = folder / "tenth.json"
    small.write_text(json.dumps(_without_examples(document), indent=2))
    return small


def _used(document: dict[str, object]) -> dict[str, object]:
    """The schemas that the paths refer to, over any number of steps."""
    components = document["components"]
    assert isinstance(components, dict)
    schemas, used = components["schemas"], {}
    rest = {k: v for k, v in components.items() if k not in ("schemas", "examples")}
    pending = [document["paths"], rest]
    while pending:
        node = pending.pop()
        if isinstance(node, dict):
            name = str(node.get("$ref", "")).removeprefix("#/components/schemas/")
            if name in schemas and name not in used:
                used[name] = schemas[name]
                pending.append(schemas[name])
            pending += node.values()
        elif isinstance(node, list):
            pending += node
    return used


def _without_examples(node: object) -> object:
    if isinstance(node, dict):
        return {
            k: _without_examples(v)
            for k, v in node.items()
            if not (k == "examples" and isinstance(v, dict) and "$ref" in json.dumps(v))
        }
    return [_without_examples(v) for v in node] if isinstance(node, list) else node


def report(file: Path, stages: tuple[str, ...]) -> dict[str, dict[str, float]]:
    """Prints a table of the stages and returns it."""
    print(f"{file.name}: {file.stat().st_size / 1e6:.1f} MB")
    made = {stage: best(stage, file) for stage in stages}
    for stage, run in made.items():
        print(
            f"  {stage:9} {run['seconds']:6.2f} s (imports {run['imports']:.2f} s), "
            f"peak {run['peak']:.0f} MB, {run['found']:.0f} found"
        )
    return made


def main(arguments: list[str]) -> None:
    if arguments[:1] == ["--measure"]:
        print(json.dumps(measure(*arguments[1:3])))
        return
    with tempfile.TemporaryDirectory() as folder:
        if arguments[:1] == ["--npm"]:
            from diff import fetch

            package, version, member = arguments[1:4]
            file = fetch(package, version, member, Path(folder))
        else:
            file = Path(arguments[0])
        whole = report(file, STAGES)
        judging = whole["validate"]["seconds"] - whole["load"]["seconds"]
        print(
            f"  validity beside the judge: {whole['judge']['seconds'] / judging:.1f} times faster"
        )
        small = tenth(file, Path(folder))
        part = report(small, STAGES[:3])
        size = file.stat().st_size / small.stat().st_size
        print("growth, from a tenth of the operations to all of them:")
        for stage in STAGES[1:3]:
            time_ratio = whole[stage]["seconds"] / part[stage]["seconds"]
            memory = whole[stage]["peak"] / part[stage]["peak"]
            print(f"  {stage}: size {size:.1f}, time {time_ratio:.1f}, peak {memory:.1f}")


if __name__ == "__main__":
    main(sys.argv[1:])
