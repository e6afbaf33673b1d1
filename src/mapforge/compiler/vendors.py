"""A vendor's folder → model.Vendor: every file read, every pass run, every diagnostic of the run in one list."""

from __future__ import annotations

from pathlib import Path

import msgspec

from mapforge import model
from mapforge.builds import fingerprint
from mapforge.compiler import source
from mapforge.compiler.check import check
from mapforge.compiler.parse import entry_document, illegal_key, is_alias, is_void, vendor_document
from mapforge.compiler.resolve import EntrySource, VendorFile, resolve
from mapforge.compiler.source import Map, Node, Pair, Text
from mapforge.diagnostics import CompileError, Diagnostic, Span, sort
from mapforge.documents import is_key

VENDOR_FILE = "vendor.yaml"
PROFILE_FILE = "profile.yaml"
MERGE_KEY = "MF106"


class Compiled(msgspec.Struct, frozen=True):
    """What came of a folder. `vendor` is None where an error was found."""

    vendor: model.Vendor | None
    diagnostics: tuple[Diagnostic, ...]


def compile_vendor(folder: str | Path, shown: str | None = None) -> model.Vendor:
    """The vendor of a folder such as mappings/acme, resolved and checked.

    shown: the folder's name in places, the path itself unless told. Raises CompileError with every diagnostic.
    """
    compiled = compile_folder(Path(folder), shown)
    if compiled.vendor is None:
        raise CompileError(compiled.diagnostics)
    return compiled.vendor


def compile_folder(folder: Path, shown: str | None = None) -> Compiled:
    """As `compile_vendor`, with the warnings, and with errors as values. Warnings come where there is no error."""
    folder_shown = (shown if shown is not None else folder.as_posix()).rstrip("/")
    if not folder.is_dir():
        return Compiled(None, (_no_folder(folder_shown),))
    reading = _Folder(folder, folder_shown)
    resolved = reading.vendor()
    found = reading.report
    if resolved is None or _errors(found):
        return Compiled(None, tuple(sort(_errors(found))))
    kept = msgspec.structs.replace(resolved, files=fingerprint(folder))
    return Compiled(kept, tuple(sort([*found, *check(resolved)])))


def _errors(report: list[Diagnostic]) -> list[Diagnostic]:
    return [diagnostic for diagnostic in report if diagnostic.severity == "error"]


def _no_folder(shown: str) -> Diagnostic:
    hint = "a vendor is a folder with a vendor.yaml"
    return Diagnostic("MF115", f"there is no folder {shown}", Span(shown, 1, 1), "", hint)


class _Folder:
    """One vendor's folder on its way to a model. complete: whether every file could be read to its end."""

    def __init__(self, folder: Path, shown: str) -> None:
        self.folder = folder
        self.shown = shown
        self.report: list[Diagnostic] = []
        self.complete = True

    def vendor(self) -> model.Vendor | None:
        """The model, with stand-ins for what is reported; None where there is nothing to make it of."""
        if self._is_there(VENDOR_FILE):
            tree, whole = self._tree(VENDOR_FILE)
            if tree is not None and self._is_of_other_version(tree):
                return None
            parsed = None if tree is None else self._parsed(tree, whole)
        else:
            parsed = None
        entries = self._entries()
        if parsed is None:
            return None
        resolved, found = resolve(parsed, entries, complete=self.complete)
        self.report += found
        return resolved

    def _is_there(self, name: str) -> bool:
        if (self.folder / name).is_file():
            return True
        place = f"{self.shown}/{name}"
        hint = "it says where raw events keep their name, id, time and person"
        self._say("MF111", f"there is no {place}", Span(place, 1, 1), "", hint)
        return False

    def _tree(self, name: str) -> tuple[Map | None, bool]:
        """A file's tree, and whether it holds all that the file does."""
        tree, found = source.read(self.folder / name, f"{self.shown}/{name}")
        self.report += found
        return tree, not any(diagnostic.code == MERGE_KEY for diagnostic in found)

    def _is_of_other_version(self, tree: Map) -> bool:
        """Whatever else another version's file says, it is not for this one to judge."""
        said = tree.get("mapforge")
        if not isinstance(said, Text) or is_void(said) or is_alias(said) or said.value == model.LANGUAGE_VERSION:
            return False
        label = f"this mapforge reads version {model.LANGUAGE_VERSION}"
        self._say("MF112", f"version {said.value} of the language", said.span, label, _VERSION)
        return True

    def _parsed(self, tree: Map, whole: bool) -> VendorFile:
        parsed, wrong = vendor_document(tree, complete=whole)
        self.report += wrong
        called = self.folder.resolve().name
        if parsed.document.vendor != called and ("vendor",) not in parsed.broken:
            message = f"the vendor is called `{parsed.document.vendor}`"
            label = f"the folder is called {called}"
            self._say("MF113", message, parsed.span("vendor"), label, "give both one name")
        return parsed

    def _entries(self) -> list[EntrySource]:
        entries: list[EntrySource] = []
        # What updates profiles comes last: a raw event's payloads leave in this order, events before profiles.
        for path in sorted(self.folder.iterdir(), key=lambda path: (path.name == PROFILE_FILE, path)):
            if path.name == VENDOR_FILE or path.suffix.lower() not in (".yaml", ".yml"):
                continue
            place = Span(f"{self.shown}/{path.name}", 1, 1)
            if path.suffix != ".yaml":
                self._say("MF114", f"{path.name} is not read", place, "", "mapping files end in .yaml")
                self.complete = False
            else:
                entries += self._of_file(path.name)
        return entries

    def _of_file(self, name: str) -> list[EntrySource]:
        tree, whole = self._tree(name)
        if tree is None:
            self.complete = False
            return []
        kind: model.Kind = "profile" if name == PROFILE_FILE else "event"
        return [self._entry(f"{self.shown}/{name}", pair, kind, whole) for pair in tree.pairs]

    def _entry(self, file: str, pair: Pair, kind: model.Kind, whole: bool) -> EntrySource:
        key, value = pair.key, pair.value
        if key.value != model.CATCH_ALL and not is_key(key.value):
            self.report.append(illegal_key(key.value, key.span))
        if not isinstance(value, Map):
            self._no_mapping(key, value)
            # Its name is known all the same, and what is like it is told nothing.
            value = Map((Pair(Text("like", key.span, True), Text("", key.span, True)),), key.span)
            return EntrySource(key.value, key.span, file, entry_document(value, kind=kind)[0], kind)
        parsed, wrong = entry_document(value, kind=kind, complete=whole)
        self.report += wrong
        return EntrySource(key.value, key.span, file, parsed, kind)

    def _no_mapping(self, key: Text, value: Node) -> None:
        hint = "an entry is a mapping: trigger, attributes, …"
        if is_void(value):
            self._say("MF124", f"`{key.value}` has no value", key.span, "nothing after it", hint)
        elif not is_alias(value):
            self._say("MF122", f"`{key.value}` must be a mapping", value.span, "something else stands here", hint)

    def _say(self, code: str, message: str, span: Span, label: str, hint: str) -> None:
        self.report.append(Diagnostic(code, message, span, label, hint))


_VERSION = "update mapforge, or write `mapforge: 1`"
