"""What the package imports is what `pyproject.toml` declares, and the other way round."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.metadata import packages_distributions, requires
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
OWN = {"checker", "tests"}
SCRIPTS = {p.stem for part in ("tests", "benchmarks") for p in (ROOT / part).rglob("*.py")}


def named(requirement: str) -> str:
    """A requirement's (or distribution's) name as the index normalises it."""
    name = re.match(r"[A-Za-z0-9._-]+", requirement)
    assert name is not None, requirement
    return re.sub(r"[-_.]+", "-", name[0]).lower()


RUN_TIME = {named(r) for r in PROJECT["dependencies"]}
EXTRAS = PROJECT["optional-dependencies"]
OPTIONAL = {named(r) for name, listed in EXTRAS.items() if name != "dev" for r in listed}
"""What only those have who ask for it; imported where it is used, and missing in a sentence."""
DEVELOPMENT = RUN_TIME | {named(r) for r in EXTRAS["dev"]}


def modules(text: str) -> Iterator[str]:
    """The modules that a source text imports or looks up by a literal name."""
    for node in ast.walk(ast.parse(text)):
        match node:
            case ast.Import(names=names):
                yield from (alias.name for alias in names)
            case ast.ImportFrom(module=str(module), level=0):
                yield module
            case ast.Call(
                func=ast.Name("find_spec" | "import_module")
                | ast.Attribute(attr="find_spec" | "import_module"),
                args=[ast.Constant(str(module)), *_],
            ):
                yield module


@cache
def foreign(folder: str) -> dict[str, str]:
    """Each module of other distributions that files below a folder import, and one such file."""
    paths = sorted((ROOT / folder).rglob("*.py"))
    # Scripts also import each other by their bare names.
    own = OWN if folder == "checker" else OWN | SCRIPTS
    found = {}
    for path in paths:
        for module in modules(path.read_text()):
            if module.partition(".")[0] not in sys.stdlib_module_names | own:
                found[module] = str(path.relative_to(ROOT))
    return found


@cache
def installed() -> dict[str, list[str]]:
    return dict(packages_distributions())


def distributions(module: str) -> set[str]:
    """The distributions that have a module."""
    found = installed().get(module.partition(".")[0], [])
    return {named(name) for name in found}


def undeclared(folder: str, declared: set[str]) -> list[str]:
    return [
        f"{place} imports {module}"
        for module, place in foreign(folder).items()
        # What isn't installed (an extra) may be called as its module is.
        if not (distributions(module) or {named(module)}) & declared
    ]


def extras(module: str) -> set[str]:
    """The distributions that a module's source imports and its own one doesn't require."""
    spec = find_spec(module)
    if spec is None or spec.origin is None or not spec.origin.endswith(".py"):
        return set()
    imported = {n for m in modules(Path(spec.origin).read_text()) for n in distributions(m)}
    required = {r for name in distributions(module) for r in requires(name) or ()}
    return imported - {named(r) for r in required if "extra ==" not in r}


def test_what_is_imported_at_run_time_is_declared() -> None:
    assert not undeclared("checker", RUN_TIME | OPTIONAL)


def test_what_is_declared_is_imported_at_run_time() -> None:
    imported = {n for m in foreign("checker") for n in distributions(m) or {named(m)}}
    assert not OPTIONAL - imported
    # Or else by a part of another distribution that works with an extra only.
    optional = {name for module in foreign("checker") for name in extras(module)}
    assert not RUN_TIME - imported - optional


def test_what_the_tests_and_benchmarks_import_is_declared() -> None:
    assert not undeclared("tests", DEVELOPMENT)
    assert not undeclared("benchmarks", DEVELOPMENT)


def test_imports_are_found_wherever_they_stand() -> None:
    text = (
        "import a.b, c\nfrom d.e import f\nfrom . import g\n"
        "def h():\n    import i\n    find_spec('j')\n    importlib.import_module('k')\n"
    )
    assert sorted(modules(text)) == ["a.b", "c", "d.e", "i", "j", "k"]
