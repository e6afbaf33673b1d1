"""The rules of each platform over resolved entries → targets: what each platform gets of an entry, under what name."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

import msgspec

from mapforge import documents, model
from mapforge.compiler.parse import Parsed
from mapforge.compiler.types import Types, json_of
from mapforge.diagnostics import Diagnostic, Span, did_you_mean
from mapforge.platforms import PLATFORMS, metafields
from mapforge.platforms.base import Endpoint, Field, Platform
from mapforge.values.refused import Refused

_RULES = ("null_if", "as_", "rename")
# What platforms ask for in vendor.yaml: what it is called in an error, and where one gets it.
_OPTIONS = {
    "origin": ("an `origin`", "agree a name with the platform; `api` is for a custom store"),
    "namespace": ("a `namespace`", "the metafields' namespace, such as the vendor's name"),
}
_NAMESPACE = re.compile(r"[A-Za-z0-9_-]{3,255}", re.ASCII)
_RENDERS: dict[str, tuple[model.Sends, ...]] = {
    "text": ("number", "integer", "boolean"),
    "percent": ("number", "integer"),
}


class Known(msgspec.Struct, frozen=True):
    """The names that rules may use, entries with their kinds.

    complete: there are no others; whole: all attributes are there with their types.
    """

    entries: Mapping[str, model.Kind]
    attributes: set[str]
    complete: bool = True
    whole: bool = True


class Targets:
    """Aims entries at the platforms of a vendor."""

    def __init__(
        self, vendor: Parsed[documents.VendorDocument], known: Known, types: Types, report: list[Diagnostic]
    ) -> None:
        self.file = vendor
        self.known = known
        self.types = types
        self.report = report
        # What is wrong with a rule about values for each attribute of its name; None where the rule fits.
        self.misfits: dict[tuple[str, str, str], list[Diagnostic | None]] = {}
        self.rules = {name: rules for name, rules in vendor.document.platforms.items() if self._is_platform(name)}
        self.names = tuple(self.rules)
        for name, rules in self.rules.items():
            self._check(PLATFORMS[name], rules)

    def aimed(self, entry: model.Entry) -> model.Entry:
        """The entry with a target for each platform that gets it."""
        targets = tuple(self._target(entry, PLATFORMS[name], rules) for name, rules in self.rules.items())
        return msgspec.structs.replace(entry, targets=tuple(target for target in targets if target is not None))

    def check_values(self) -> None:
        """A rule goes by name, whoever bears it: it is wrong where it fits none of them."""
        for found in self.misfits.values():
            if self.known.whole and all(found):
                self.report += [misfit for misfit in found[:1] if misfit is not None]

    def _is_platform(self, name: str) -> bool:
        if name in PLATFORMS:
            return True
        nearest = did_you_mean(name, PLATFORMS)
        hint = f"did you mean `{nearest}`?" if nearest else f"known are: {', '.join(PLATFORMS)}"
        self._say("MF213", f"there is no platform `{name}`", self.file.key("platforms", name), "unknown", hint)
        return False

    def _check(self, platform: Platform, rules: documents.PlatformDocument) -> None:
        self._check_options(platform, rules)
        for key in ("only", "except"):
            listed = rules.only if key == "only" else rules.except_
            for position, name in enumerate(listed or ()):
                self._check_name("MF214", "entry", name, self._at(platform, key, position), self.known.entries)
                kind = self.known.entries.get(name)
                if key == "only" and kind is not None and kind not in platform.endpoints:
                    label = f"{name} is {_A_KIND[kind]}"
                    message = f"{platform.title} takes nothing of this kind"
                    self._say("MF513", message, self._at(platform, key, position), label, "leave it out")
        for key in _RULES:
            for name in getattr(rules, key) or ():
                span = self.file.key("platforms", platform.name, key.rstrip("_"), name)
                self._check_name("MF212", "attribute", name, span, self.known.attributes)
        for position, name in enumerate(rules.omit or ()):
            span = self._at(platform, "omit", position)
            self._check_name("MF212", "attribute", name, span, self.known.attributes)

    def _check_options(self, platform: Platform, rules: documents.PlatformDocument) -> None:
        at = ("platforms", platform.name)
        for option, hint in _OPTIONS.items():
            given = getattr(rules, option)
            written = at not in self.file.astray and (*at, option) not in self.file.broken
            if option in platform.options and given is None and written:
                span = self.file.key("platforms", platform.name)
                self._say("MF501", f"{platform.title} needs {hint[0]}", span, "none given", hint[1])
            if option not in platform.options and given is not None:
                span, label = self._at(platform, option), "nothing would read it"
                self._say("MF502", f"{platform.title} has no `{option}`", span, label, "leave it out")
        self._check_namespace(platform, rules.namespace)

    def _check_namespace(self, platform: Platform, namespace: str | None) -> None:
        if namespace is not None and "namespace" in platform.options and not _NAMESPACE.fullmatch(namespace):
            hint = "3 to 255 letters, digits, _ and -"
            self._say("MF514", f"`{namespace}` is no namespace", self._at(platform, "namespace"), "not one", hint)

    def _check_name(self, code: str, kind: str, name: str, span: Span, known: Collection[str]) -> None:
        if name in known or not self.known.complete:
            return
        nearest = did_you_mean(name, known)
        hint = f"did you mean `{nearest}`?" if nearest else "rules go by the mapping's own names"
        self._say(code, f"there is no {kind} `{name}`", span, f"no such {kind}", hint)

    def _target(self, entry: model.Entry, platform: Platform, rules: documents.PlatformDocument) -> model.Target | None:
        if (rules.only is not None and entry.name not in rules.only) or entry.name in (rules.except_ or ()):
            return None
        if entry.kind not in platform.endpoints:
            return None
        sent = tuple(
            self._sent(platform, platform.endpoints[entry.kind], rules, attribute)
            for attribute in entry.attributes
            if attribute.name not in (rules.omit or ())
        )
        self._check_sent(entry, platform, rules, sent)
        self._check_identity(entry, platform)
        options = {option: getattr(rules, option) or "" for option in platform.options}
        return model.Target(platform.name, sent, options, tuple(rules.omit or ()))

    def _sent(
        self, platform: Platform, endpoint: Endpoint, rules: documents.PlatformDocument, attribute: model.Attribute
    ) -> model.Sent:
        name = attribute.name
        rendering = self._rendering(platform, rules, attribute)
        renamed = (rules.rename or {}).get(name)
        field = endpoint.fields.get(name) if attribute.standard and renamed is None else None
        if field is not None:
            self._check_field(platform, field, attribute, rendering)
        return model.Sent(
            name,
            field.sent if field is not None else renamed if renamed is not None else attribute.key,
            self._null_if(platform, rules, attribute),
            rendering,
            self._locale(platform, name) if rendering == "percent" else None,
            own=field is not None,
            metafield=metafields.type_of(attribute, rendering) if endpoint.metafield is not None else None,
        )

    def _check_field(
        self, platform: Platform, field: Field, attribute: model.Attribute, rendering: model.Rendering | None
    ) -> None:
        sends: model.Sends = attribute.sends if rendering is None else "string"
        if sends not in field.takes and not self._is_broken(attribute):
            label = f"sends {_A[sends]}"
            message = f"{platform.title}'s `{attribute.name}` takes {' or '.join(_A[kind] for kind in field.takes)}"
            self._say("MF512", message, attribute.span, label)

    def _locale(self, platform: Platform, name: str) -> model.SettingField:
        locale = self.types.settings.locale
        if locale is None:
            hint = "give `source` a locale: {constant: en-US}"
            span = self._at(platform, "as", name)
            self._say("MF320", "the locale is not known here", span, "names and signs depend on it", hint)
        return locale

    def _rendering(
        self, platform: Platform, rules: documents.PlatformDocument, attribute: model.Attribute
    ) -> model.Rendering | None:
        name = attribute.name
        rendering = (rules.as_ or {}).get(name)
        if rendering is None:
            return None
        fits = self._is_broken(attribute) or attribute.sends in _RENDERS[rendering]
        message, label = f"`as: {rendering}` does not fit `{name}`", f"`{name}` sends {_A[attribute.sends]}"
        misfit = None if fits else Diagnostic("MF504", message, self._at(platform, "as", name), label)
        self.misfits.setdefault((platform.name, "as", name), []).append(misfit)
        return rendering if fits else None

    def _null_if(self, platform: Platform, rules: documents.PlatformDocument, attribute: model.Attribute) -> str | None:
        word = (rules.null_if or {}).get(attribute.name)
        if word is None:
            return None
        sent, reason = None, None
        try:
            sent = json_of(attribute.sends, word)
            reason = None if _can_be(attribute, sent) else f"`{attribute.name}` is never this"
        except Refused:
            reason = f"`{attribute.name}` sends {_A[attribute.sends]}"
        if self._is_broken(attribute):
            reason = None
        span = self._at(platform, "null_if", attribute.name)
        misfit = Diagnostic("MF509", "this value cannot occur", span, reason) if reason is not None else None
        self.misfits.setdefault((platform.name, "null_if", attribute.name), []).append(misfit)
        return sent

    def _is_broken(self, attribute: model.Attribute) -> bool:
        return any(self.types.is_broken(branch.type) for branch in attribute.branches)

    def _check_sent(
        self,
        entry: model.Entry,
        platform: Platform,
        rules: documents.PlatformDocument,
        sent: tuple[model.Sent, ...],
    ) -> None:
        self._check_names(entry, platform, rules, sent)
        endpoint = platform.endpoints[entry.kind]
        limits = endpoint.limits
        if entry.keep is not None and endpoint.metafield is not None:
            hint = f"name the keys under `attributes`, or leave the entry out: platforms.{platform.name}.except"
            message = f"{platform.title} takes no kept keys"
            self._say("MF511", message, entry.keep.query.span, "their types are not known", hint)
        if limits.properties is not None and len(sent) > limits.properties:
            label = f"at most {limits.properties}"
            self._say("MF506", f"{entry.name} has {len(sent)} attributes", entry.span, f"{platform.title}: {label}")
        if limits.event_name is not None and entry.metric is not None and len(entry.metric) > limits.event_name:
            label = f"{platform.title}: at most {limits.event_name} characters"
            self._say("MF507", "the event's name is too long", entry.span, label, "give it a shorter `name`")

    def _check_names(
        self,
        entry: model.Entry,
        platform: Platform,
        rules: documents.PlatformDocument,
        sent: tuple[model.Sent, ...],
    ) -> None:
        endpoint = platform.endpoints[entry.kind]
        legal = endpoint.limits.property_name
        seen: dict[str, model.Sent] = {}
        for item in (item for item in sent if not item.own):
            if item.name in endpoint.reserved:
                span, label = self._name_at(entry, platform, item), f"{platform.title} has a field of its own for it"
                hint = f"put it under `standard`, or rename it: platforms.{platform.name}.rename"
                self._say("MF510", f"no property can be called `{item.name}`", span, label, hint)
            twin = seen.setdefault(item.name, item)
            if twin is not item:
                one, other = (item, twin) if item.attribute in (rules.rename or {}) else (twin, item)
                span, label = self._name_at(entry, platform, one), f"`{other.attribute}` has that name"
                self._say("MF503", f"two attributes sent as `{item.name}`", span, label)
            if legal and not re.fullmatch(legal, item.name, re.ASCII):
                hint = f"rename it: platforms.{platform.name}.rename: {{{item.attribute}: …}}"
                span, label = self._name_at(entry, platform, item), f"{platform.title} takes {legal}"
                self._say("MF505", f"{platform.title} takes no name like `{item.name}`", span, label, hint)

    def _name_at(self, entry: model.Entry, platform: Platform, sent: model.Sent) -> Span:
        if sent.attribute in (self.rules[platform.name].rename or {}):
            return self._at(platform, "rename", sent.attribute)
        return next(attribute.span for attribute in entry.attributes if attribute.name == sent.attribute)

    def _check_identity(self, entry: model.Entry, platform: Platform) -> None:
        named = [identifier.name for identifier in entry.identity.identifiers]
        if named and not any(name in platform.identifiers for name in named):
            label = f"{platform.title} takes {', '.join(platform.identifiers)}"
            hint = f"add one of them, or leave the entries out: platforms.{platform.name}.except"
            # Without the entry's name: one identity that many entries share is one mistake.
            message = f"`identity` identifies nobody to {platform.title}"
            self._say("MF508", message, entry.identity.span, label, hint)

    def _at(self, platform: Platform, *location: str | int) -> Span:
        return self.file.span("platforms", platform.name, *location)

    def _say(self, code: str, message: str, span: Span, label: str = "", hint: str | None = None) -> None:
        self.report.append(Diagnostic(code, message, span, label, hint))


_A_KIND: dict[model.Kind, str] = {"event": "an event", "profile": "an update of a profile"}
_A: dict[model.Sends, str] = {
    "string": "a text",
    "number": "a number",
    "integer": "an integer",
    "boolean": "a boolean",
    "object": "an object",
    "array": "a list",
}


def _can_be(attribute: model.Attribute, sent: str) -> bool:
    """Whether an attribute may send this: one that is made of constants alone sends nothing else."""
    return any(sent in (_values(branch) or (sent,)) for branch in attribute.branches)


def _values(branch: model.Branch) -> tuple[str, ...] | None:
    """All that a branch can send, as JSON; None where the raw event says it, or the type writes it anew."""
    kind = branch.type
    if kind.rendering or kind.format or kind.scale is not None or kind.round or kind.base in ("date", "datetime"):
        return None
    answer = () if branch.absent is None else (branch.absent,)
    if branch.table is not None:
        return (*branch.table.values(), *answer)
    return (branch.source.json, *answer) if isinstance(branch.source, model.Constant) else None
