"""Targets and their tokens."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from checker.config.connections import connection_of, headers_of, with_options
from checker.config.credentials import placeholder, read_token
from checker.config.file import ConfigFile
from checker.config.values import boolean, checked_value, existing, mapping, nearest, texts, url
from checker.domain.credential import Login, SetUp
from checker.errors import UsageError
from checker.planning.credentials import joint
from checker.settings import Target, Token

PREFIX = "DRIFTCHECK_TOKEN_"


def build_targets(
    config: ConfigFile,
    options: Mapping[str, Any],
    tokens: Mapping[str, str],
    environment: Mapping[str, str],
    paths: Sequence[Path],
) -> tuple[tuple[Target, ...], dict[str, dict[str, Token]]]:
    """All targets (at least one), and by target's name the tokens that have no value.

    `options` are the read options of file, environment and command line, of which the
    addresses, `setup` and `var` belong to the target called default or the only one.
    `tokens` are the command line's.
    """
    built = {name: _target(config, name, paths, environment) for name in config.targets}
    if not built:
        built = {"default": Target()}
    named = {k: options[k] for k in ("base_url", "fallback_url", "webhook_url") if k in options}
    if options.get("setup") is not None:
        named["setup"] = existing(options["setup"], "--setup")
    if named or options.get("var"):
        name = _meant(built, [*named, *(["var"] if options.get("var") else [])])
        variables = {**built[name].variables, **(options.get("var") or {})}
        built[name] = replace(built[name], **named, variables=variables)
    built = {name: with_options(target, options) for name, target in built.items()}
    found, reading = [], bool(options.get("read_only"))
    declared: dict[str, dict[str, Token]] = {}
    for target in built.values():
        complete, missing = _with_tokens(
            target, config, tokens, environment, len(built) > 1, reading
        )
        found.append(complete)
        declared[target.name] = missing
    with_address = [t.name for t in found if t.base_url]
    if with_address and len(with_address) < len(found):
        missing_one = next(t.name for t in found if not t.base_url)
        raise UsageError(f"{config.where('targets', missing_one)}: has no base_url.", "Add it.")
    return tuple(found), declared


def _target(
    config: ConfigFile, name: str, paths: Sequence[Path], environment: Mapping[str, str]
) -> Target:
    raw = config.targets[name]
    if not name.strip():
        raise UsageError(f"{config.where('targets')}: a target has no name.", "Give it one.")

    def where(key: str) -> str:
        return config.where("targets", name, key)

    addresses = {
        key: url(raw[key], where(key))
        for key in ("base_url", "fallback_url", "webhook_url")
        if key in raw
    }
    setup = None
    if "setup" in raw:
        places = [config.folder, *paths, *(path.parent for path in paths)]
        candidates = [folder / str(raw["setup"]) for folder in places]
        setup = next((c for c in candidates if c.is_file()), candidates[0])
        existing(setup, where("setup"))
    return Target(
        name=name,
        documents=texts(raw.get("documents", ()), where("documents")),
        setup=setup,
        variables=mapping(raw.get("variables", {}), where("variables")),
        headers=headers_of(raw.get("headers", {}), where("headers")),
        destructive=texts(raw.get("destructive", ()), where("destructive")),
        allow=texts(raw.get("allow", ()), where("allow")),
        deny=texts(raw.get("deny", ()), where("deny")),
        test_system=boolean(raw.get("test_system", False), where("test_system")),
        connection=connection_of(raw, where, config.folder),
        tokens={
            token: read_token(config, name, token, shape, environment)
            for token, shape in raw.get("tokens", {}).items()
        },
        **addresses,
    )


def _of_others(config: ConfigFile, target: str) -> set[str]:
    """The names of the tokens that only other targets declare."""
    others = (raw for name, raw in config.targets.items() if name != target)
    return {_plain(name) for raw in others for name in raw.get("tokens", {})}


def _with_tokens(
    target: Target,
    config: ConfigFile,
    given: Mapping[str, str],
    environment: Mapping[str, str],
    several: bool,
    read_only: bool,
) -> tuple[Target, dict[str, Token]]:
    """The target with its tokens' values, and the tokens that have none."""
    values = _from_environment(environment, target.name)
    values.update({_plain(name): (name, value) for name, value in given.items()})
    tokens = dict(target.tokens)
    declared = {_plain(name): name for name in tokens}
    elsewhere = _of_others(config, target.name) if several else set()
    for plain, (name, value) in values.items():
        if plain in declared:
            # What is given wins over how the config would get it.
            named = tokens[declared[plain]]
            tokens[declared[plain]] = replace(named, value=value, source=None, lacking=())
        elif plain not in elsewhere:
            tokens[name] = Token(type=name, value=value)
    for name, token in tokens.items():
        # White space around it came along with a file or a command's output.
        value = checked_value(token.value.strip(), f"The token {name}")
        tokens[name] = replace(token, value=value)
    tokens = _joined(config, target.name, _by_setup(target, tokens))
    if read_only:
        tokens = {name: _unsent(token) for name, token in tokens.items()}
    valueless = {name: token for name, token in tokens.items() if not token.value}
    return replace(target, tokens={n: t for n, t in tokens.items() if t.value}), valueless


def _extracted_by(setup: Path) -> set[str]:
    """The names of all that the steps of a record extract."""
    from checker.documents.workflow import load_record

    record, _ = load_record(setup, str(setup))
    steps = (*record.prerequisites, *record.test_steps)
    return {name for step in steps for name in step.extract}


def _by_setup(target: Target, tokens: Mapping[str, Token]) -> dict[str, Token]:
    """The tokens; the set-up record gives those that have no value and that it extracts."""
    out = dict(tokens)
    open_ = [t for t in tokens.values() if not (t.value or t.lacking or t.also)]
    if not open_ or target.setup is None or target.base_url is None:
        return out
    extracted = _extracted_by(target.setup)
    for token in open_:
        if token.type in extracted:
            out[token.type] = replace(token, value=placeholder(token.type), source=SetUp())
    return out


def _unsent(token: Token) -> Token:
    """The token, without a value where getting one would take more than reading."""
    sources = [part.source for part in token.also or (token,)]
    if any(isinstance(source, (Login, SetUp)) for source in sources):
        return replace(token, value="", source=None, also=())
    return token


def _parts(
    names: Sequence[str], whole: str, tokens: Mapping[str, Token], where: str
) -> list[Token]:
    """The tokens that one consists of; each has to be there."""
    for name in names:
        if name not in tokens or name == whole:
            raise UsageError(f"{where}: there is no token {name!r}.", nearest(name, tokens))
    return [tokens[name] for name in names]


def _joined(config: ConfigFile, target: str, tokens: Mapping[str, Token]) -> dict[str, Token]:
    """The tokens; those that are sent together filled in with their parts."""
    out = dict(tokens)
    for name, raw in (config.targets.get(target, {}).get("tokens") or {}).items():
        if "together" not in raw:
            continue
        where = config.where("targets", target, "tokens", name, "together")
        joined = _parts(texts(raw["together"], where), name, tokens, where)
        out[name] = joint(joined, name, shaped=True)
        lacking = [v for token in joined if not token.value for v in missing_of(token)]
        if lacking:
            out[name] = replace(out[name], value="", lacking=tuple(lacking))
    return out


def missing_of(token: Token) -> tuple[str, ...]:
    """The variables that would give a token its value."""
    return token.lacking or (variable_for(token.type),)


def _from_environment(environment: Mapping[str, str], target: str) -> dict[str, tuple[str, str]]:
    """Plain name → (type, value). DRIFTCHECK_TOKEN_<TARGET>__<TYPE> is for one target only."""
    found = {}
    own = {}
    for variable, value in environment.items():
        if not variable.startswith(PREFIX) or not value:
            continue
        name = variable.removeprefix(PREFIX)
        owner, marker, type_ = name.partition("__")
        if marker:
            if target and owner == _plain(target):
                own[type_] = (type_.lower(), value)
        elif name:
            found[name] = (name.lower(), value)
    return {**found, **own}


def variable_for(token_type: str) -> str:
    """The environment variable for a token type."""
    return PREFIX + _plain(token_type)


def _plain(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9]", "_", name).upper()


def _meant(built: Mapping[str, Target], given: Sequence[str]) -> str:
    if "default" in built:
        return "default"
    if len(built) == 1:
        return next(iter(built))
    option = "--" + given[0].replace("_", "-")
    raise UsageError(
        f"{option}: the config has several targets ({', '.join(built)}).",
        "Set it in the config, or call one of them default.",
    )
