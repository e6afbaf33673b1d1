"""vendor.yaml's `signature` → model.Signature, with what does not fit together reported."""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from mapforge import documents, model
from mapforge.compiler.parse import Parsed
from mapforge.diagnostics import Diagnostic

STANDARD_WEBHOOKS = model.Signature(
    scheme="standard-webhooks",
    header="webhook-signature",
    encodings=("base64",),
    prefix="v1,",
    signs="id.timestamp.body",
    timestamp="webhook-timestamp",
    window=300,
)
"""https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md"""

# What each scheme has no use for.
_HMACS_OWN = ("algorithm", "encoding", "signs", "timestamp", "window")
_USELESS = {
    "hmac": (),
    "token": _HMACS_OWN,
    "standard-webhooks": ("header", "prefix", *(key for key in _HMACS_OWN if key != "window")),
}
_SECONDS = {"s": 1, "m": 60}

_Problem = tuple[str | None, str, str, str]


def signature(file: Parsed[documents.VendorDocument], report: list[Diagnostic]) -> model.Signature | None:
    """The vendor's signature; None where it says none, or what it says is of no use."""
    said = file.document.signature
    if said is None:
        return None
    problems = list(_problems(said)) if file.is_whole("signature") else []
    for key, message, label, hint in problems:
        span = file.key("signature") if key is None else file.key("signature", key)
        report.append(Diagnostic("MF225", message, span, label, hint))
    return None if problems or not file.is_whole("signature") else _made(said, file)


def _problems(said: documents.SignatureDocument) -> Iterator[_Problem]:
    """What does not fit together: the key, the message, the label and the way out."""
    scheme = said.scheme or "hmac"
    for key in _USELESS[scheme]:
        if getattr(said, key) is not None:
            yield key, f"`{key}` beside `scheme: {scheme}`", "it has no use here", f"leave `{key}` out"
    if said.header is None and scheme != "standard-webhooks":
        yield None, "`signature` without `header`", "no header to read", "name the header that the signature stands in"
    if scheme == "hmac":
        yield from _about_time(said)


def _about_time(said: documents.SignatureDocument) -> Iterator[_Problem]:
    words = words_of(said.signs or "body")
    if words.count("body") != 1:
        yield "signs", "`signs` without the body", "the body once", "name it, as in timestamp.body"
    if "timestamp" in words and said.timestamp is None:
        yield "signs", "`signs` names a timestamp", "no header to read it from", "name the header under `timestamp`"
    if "timestamp" not in words and said.timestamp is not None:
        yield "timestamp", "a timestamp that is not signed", "anybody can change it", "add the word to `signs`"
    if said.timestamp is not None and said.window is None:
        yield "timestamp", "a timestamp without `window`", "how old may it be?", "add `window`, such as 5m"
    if said.timestamp is None and said.window is not None:
        yield (
            "window",
            "`window` without `timestamp`",
            "no time to hold it against",
            "name the header under `timestamp`",
        )


def words_of(signs: str) -> list[str]:
    """The words in what is signed that stand for something, in their order."""
    return re.findall(model.SIGNED_WORDS, signs)


def _made(said: documents.SignatureDocument, file: Parsed[documents.VendorDocument]) -> model.Signature:
    window = None if said.window is None else int(said.window[:-1]) * _SECONDS[said.window[-1]]
    span = file.key("signature")
    if said.scheme == "standard-webhooks":
        window = window or STANDARD_WEBHOOKS.window
        return msgspec.structs.replace(STANDARD_WEBHOOKS, window=window, span=span, assumed=said.assumed)
    encodings = said.encoding if isinstance(said.encoding, list) else [said.encoding or "hex"]
    return model.Signature(
        scheme=said.scheme or "hmac",
        header=(said.header or "").lower(),
        algorithm=said.algorithm or "sha256",
        encodings=tuple(dict.fromkeys(encodings)),
        prefix=said.prefix or "",
        signs=said.signs or "body",
        timestamp=None if said.timestamp is None else said.timestamp.lower(),
        window=window,
        span=span,
        assumed=said.assumed,
    )
