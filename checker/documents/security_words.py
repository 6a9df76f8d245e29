"""Token types that a description names: "Available for **Staff, App and Directory tokens**".

Nothing is known of any vendor's types: a token type is the word (or the list of words) before
"token(s)", in a sentence that says what a caller needs or may use.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

_WORD = r"[A-Za-z][A-Za-z0-9_\-]*"
_JOIN = r"(?:\s*(?:,|/|&|\||\+|;)\s*(?:(?:and|or)\s+)?|\s+(?:and/or|and|or|as\s+well\s+as)\s+)"
_ARTICLE = r"(?:(?:an?|the|any|either|both|only|valid|your|their|all)\s+)*"
_LIST = re.compile(
    rf"(?<![\w{{'’]){_ARTICLE}(?P<list>{_WORD}(?:{_JOIN}{_ARTICLE}{_WORD})*)[\s-]+"
    rf"(?:(?P<kind>access|api|auth|authentication|bearer|oauth2?|session|jwt)[\s-]+)?"
    rf"(?:tokens?\b)(?!\s*(?:is|are|was|in|=|:)\s*(?:missing|invalid|expired))",
    re.IGNORECASE,
)
_MARKED = re.compile(
    rf"(?P<list>(?P<mark>\*\*|__|[*_`]){_WORD}(?P=mark)"
    rf"(?:{_JOIN}{_ARTICLE}(?P=mark){_WORD}(?P=mark))*)(?=[\s-]+tokens?\b)",
    re.IGNORECASE,
)
_TYPE_FIELD = re.compile(
    rf"\btokens?(?:\s+types?)?\s*(?:\(s\))?\s*[:=]\s*(?P<list>{_WORD}(?:{_JOIN}{_WORD})*)\s*(?=$|[.;)\n])",
    re.IGNORECASE,
)
# Not types: what any token is, and words that merely happen to stand before "token".
_NOT_TYPE_WORDS = """
    a an the any all either both only valid invalid your their its this that these those of for
    with without by to from in on is are be as no not new old same other another each every some
    bearer access auth authentication authorization authorisation authenticated api oauth oauth2
    jwt refresh id identity security session csrf xsrf csrf-token recaptcha captcha page
    pagination cursor continuation next previous reset verification push device registration web
    request response requires require required requiring using use uses via and or available
    supported allowed permitted accepts accept accepted needs need must missing expired correct
    current provided given following appropriate type types two one single multiple secret
    private public personal short-lived long-lived temporary static encrypted signed opaque per
    when if than which where generate generates create creates revoke revokes get returns
    validate it header value confirmation unsubscribe upload download sync delta activation
    invitation
"""
_NOT_TYPES = frozenset(_NOT_TYPE_WORDS.split())
_REFUSES = re.compile(
    r"\b(?:not|never|isn't|aren't|can't|cannot|won't|doesn't|don't|no\s+longer|except(?:\s+for)?"
    r"|unavailable|unsupported|forbidden|without|ignored?|ignores?|rejected|rejects?|refused"
    r"|other\s+than|instead\s+of|excluding|but\s+not)\b",
    re.IGNORECASE,
)
_ONLY_SOME = re.compile(
    r"^\W*(?:for|when|if|with|in\s+case\s+of)\b[^,:]*\btokens?\b\W*[,:]", re.IGNORECASE
)
_ABOUT_TOKENS = re.compile(r"\btokens?\b", re.IGNORECASE)
_AVAILABLE = re.compile(
    r"\b(?:available|accessible|allowed|permitted|supported|usable|restricted|limited|accept\w*"
    r"|require\w*(?!\s+for\b)(?!\w)|need\w*|must|auth|authenticat\w+|authori[sz]\w+|token\s*types?|use|using|works?"
    r"|callable|only|provide|pass|send|called?)\b",
    re.IGNORECASE,
)
# What is done to tokens is no statement about who may call: "use this call to list app tokens".
_HANDLES = re.compile(
    r"\b(?:creat|list|gets?\b|getting|delet|revok|generat|issu|refresh|return|retriev|manag|fetch"
    r"|rotat|validat|renew|exchang|stor|search|count|updat|remov|expir)\w*\s*$",
    re.IGNORECASE,
)
_EMPHASIS = re.compile(r"[*`_]{1,3}(?=\w)|(?<=[\w.,)])[*`_]{1,3}|</?\w+[^>]{0,80}>|[*]{2}")
_SENTENCE = re.compile(r"(?<=[a-z0-9)][.!?])\s+|\n+|\s+[–—]\s+|\s-\s|;\s")
_WRITTEN = re.compile(r"(?<=[.!?])\s+|\n+")
_A_BEFORE = re.compile(r"(?<!\w)([Aa])n?(\s+)\Z")
MAX_TEXT = 20_000
NEAR = 400
"""How many characters around a list of types can say what they are for."""


def token_types(text: str, known: Collection[str] = ()) -> tuple[str, ...]:
    """The token types that `text` says are allowed, in lower case, in order, each once.

    `known` are types that there are for sure, in lower case: "API tokens" names one only then.
    """
    if not text or not _ABOUT_TOKENS.search(text[:MAX_TEXT]):
        return ()
    found: list[str] = []
    refused: set[str] = set()
    heading = ""
    for sentence in _sentences(text[:MAX_TEXT]):
        if not _ABOUT_TOKENS.search(sentence):
            heading = sentence if len(sentence) < 60 else ""
            continue
        allowed, denied = _read(sentence, heading, known)
        found += allowed
        refused |= denied
    return tuple(dict.fromkeys(t for t in found if t not in refused))


def restated(text: str, types: Sequence[str]) -> str:
    """The text with other token types in its list of them, written as the list is; empty where
    it names them in several places, or the text wouldn't say just that."""
    sure = {t.lower() for t in types}
    known = token_types(text, sure)
    found = [*_MARKED.finditer(text), *_LIST.finditer(text), *_TYPE_FIELD.finditer(text)]
    lists = [m for m in found if set(known) <= set(_names(_plain(m.group("list")), known))]
    if len(lists) != 1 or not known or not types:
        return ""
    start, end = lists[0].span("list")
    old = text[start:end]
    mark = lists[0].groupdict().get("mark") or ""
    upper = old.removeprefix(mark)[:1].isupper()
    shown = [mark + (t.capitalize() if upper and t.islower() else t) + mark for t in types]
    last = _last_joint(old, is_field=lists[0].re is _TYPE_FIELD)
    if len(shown) < 3 and last.strip() != ",":
        last = last.removeprefix(",")
    new = ", ".join(shown[:-1]) + last + shown[-1] if len(shown) > 1 else shown[0]
    vowel = "n" if types[0][:1].lower() in "aeiou" else ""
    before = _A_BEFORE.sub(lambda m: m.group(1) + vowel + m.group(2), text[:start])
    made = before + new + text[end:]
    return made if set(token_types(made, sure)) == sure else ""


def _last_joint(old: str, *, is_field: bool) -> str:
    """What stands before the last one of a list, as in the list that there is: a mere comma where
    it has no word there, or where it is the value of a label ("Token types: staff")."""
    word = re.search(r"(,?)\s+(and|or)\b", old, re.IGNORECASE)
    if word is not None:
        return f"{word.group(1)} {word.group(2).lower()} "
    return ", " if is_field or "," in old else " and "


def sentence_like(text: str, types: Sequence[str]) -> str:
    """The sentence of a text that names token types, with other types in it; empty where none
    does."""
    for sentence in _WRITTEN.split(text):
        made = restated(sentence.strip(), types)
        if made:
            return made
    return ""


def _plain(text: str) -> str:
    return _EMPHASIS.sub("", text)


def _sentences(text: str) -> list[str]:
    plain = _EMPHASIS.sub("", text.replace("\\n", "\n"))
    return [s.strip(" #>-|\t") for s in _SENTENCE.split(plain) if s and s.strip(" #>-|\t")]


def _read(sentence: str, heading: str, known: Collection[str]) -> tuple[list[str], set[str]]:
    if _ONLY_SOME.match(sentence):
        return [], set()  # "For client tokens, the id is derived": says nothing of access
    allowed: list[str] = []
    denied: set[str] = set()
    field = _TYPE_FIELD.search(sentence)
    if field:
        allowed += _names(field.group("list"), known)
    matches = list(_LIST.finditer(sentence))
    for match in matches:
        kind = (match.group("kind") or "").lower()
        names = _names(match.group("list"), known) or [k for k in [kind] if k in known]
        if not names:
            continue
        start, end = match.span()
        before, after = sentence[max(0, start - NEAR) : start], sentence[end : end + NEAR]
        if _negated(before, after):
            denied.update(names)
        elif _grants(before, after, heading, sentence):
            allowed += names
    return allowed, denied


def _names(listed: str, known: Collection[str]) -> list[str]:
    words = re.split(rf"{_JOIN}|\s+", listed, flags=re.IGNORECASE)
    lowered = [w.lower().strip("-_") for w in words if w]
    return [
        w for w in lowered if w in known or (w and w not in _NOT_TYPES and not w.endswith("ing"))
    ]


def _negated(before: str, after: str) -> bool:
    """Whether the nearest verb before the list, or the one right after it, refuses."""
    refusals = list(_REFUSES.finditer(before))
    if refusals:
        last = refusals[-1]
        between = before[last.end() :]
        # "not only for A but for B tokens" grants; "without A" in an earlier clause is past
        if not re.match(r"\s*(?:only|just)\b", between) and not re.search(
            r"[,:]\s|\bbut\b|\bonly\b", between.replace("available", "")
        ):
            return True
    return bool(
        re.match(
            r"\W*(?:(?:is|are|will\s+be|can)\s*)?(?:not|n't|never|cannot|can't|aren't|isn't|"
            r"without\b.*\brejected|unsupported|forbidden|ignored|rejected|refused)\b",
            after,
            re.IGNORECASE,
        )
    )


def _grants(before: str, after: str, heading: str, sentence: str) -> bool:
    """Whether the words around a list say that those tokens are what a caller needs."""
    if _HANDLES.search(before):
        return False
    if _AVAILABLE.search(before):
        return True
    if re.match(
        r"\W*(?:only|(?:is|are)\s+(?:required|needed|accepted|allowed|supported))\b",
        after,
        re.IGNORECASE,
    ):
        return True
    if re.match(r"\W*(?:may|can)\s+(?:call|use|access)\b", after, re.IGNORECASE):
        return True
    bare = not before.strip(" :*") and not after.strip(" .*")
    return bare and bool(_AVAILABLE.search(heading))
