"""A resolved vendor → diagnostics, against all that one rule alone cannot say.

Against the language and the platforms' names, the passes before this one report as they go. What is held here looks
at the whole: what the vendor's page leaves open, and (with the contract, later) whether every path can be there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from mapforge import model
from mapforge.compiler.reads import within
from mapforge.diagnostics import Diagnostic, Span
from mapforge.platforms import PLATFORMS
from mapforge.platforms.base import Platform


def check(vendor: model.Vendor) -> list[Diagnostic]:
    """What is to be known about a vendor that compiles; none of it is a mistake."""
    return [*_assumptions(vendor), *_uncleared(vendor)]


def _assumptions(vendor: model.Vendor) -> Iterator[Diagnostic]:
    signed = vendor.signature
    if signed is not None and signed.assumed is not None and signed.span is not None:
        yield _assumed("the signature is assumed", signed.assumed, signed.span)
    for entry in vendor.entries:
        if entry.assumed is not None:
            yield _assumed(f"{entry.name} is assumed", entry.assumed, entry.span)
        for name, attribute in _all(entry.attributes, f"{entry.name}."):
            if attribute.assumed is not None and attribute.assumed != entry.assumed:
                yield _assumed(f"{name} is assumed", attribute.assumed, attribute.span)


def _uncleared(vendor: model.Vendor) -> Iterator[Diagnostic]:
    """What a platform keeps when an update of a profile would clear it."""
    for entry in vendor.entries:
        for target in entry.targets if entry.kind == "profile" else ():
            platform = PLATFORMS[target.platform]
            names = ", ".join(
                attribute.name
                for attribute, sent in _sent(entry, target)
                if _may_be_null(attribute, sent) and not _clears(platform, sent)
            )
            if names:
                message = f"{platform.title} cannot clear {names}"
                label = "null is not sent there"
                yield Diagnostic("MF602", message, entry.span, label, severity="note")


def _sent(entry: model.Entry, target: model.Target) -> Iterator[tuple[model.Attribute, model.Sent]]:
    named = {attribute.name: attribute for attribute in entry.attributes}
    return ((named[sent.attribute], sent) for sent in target.sent)


def _may_be_null(attribute: model.Attribute, sent: model.Sent) -> bool:
    return sent.null_if is not None or any(branch.type.nullable for branch in attribute.branches)


def _clears(platform: Platform, sent: model.Sent) -> bool:
    """Whether null clears it there."""
    return platform.endpoints["profile"].fields[sent.attribute].null if sent.own else sent.metafield is None


def _all(attributes: Iterable[model.Attribute], before: str) -> Iterator[tuple[str, model.Attribute]]:
    """Attributes and all in them, by their names."""
    for attribute in attributes:
        name = f"{before}{attribute.name}"
        yield name, attribute
        for branch in attribute.branches:
            yield from _all(within(branch), f"{name}.")


def _assumed(message: str, why: str, span: Span) -> Diagnostic:
    return Diagnostic("MF601", f"{message}: {why}", span, "the vendor's page does not say", severity="note")
