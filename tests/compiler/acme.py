"""A vendor called acme, laid out in a folder of texts, and what the compiler says of it."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent, indent

from mapforge import model
from mapforge.codes import BASE
from mapforge.compiler.vendors import Compiled, compile_folder
from mapforge.diagnostics import Diagnostic

VENDOR = BASE["vendor.yaml"]


class Acme:
    """A folder for one test. Files not given are as in codes.BASE; None leaves one out."""

    def __init__(self, root: Path) -> None:
        self.folder = root / "acme"

    def compiled(self, events: str | None = None, vendor: str | None = VENDOR, **files: str | None) -> Compiled:
        """The folder of these texts, compiled; more files by the stem of their names."""
        self.folder.mkdir(exist_ok=True)
        texts = {"vendor": vendor, "events": BASE["events.yaml"] if events is None else events, **files}
        for stem, text in texts.items():
            if text is not None:
                (self.folder / f"{stem}.yaml").write_text(dedent(text), encoding="utf-8")
        return compile_folder(self.folder, "acme")

    def found(self, events: str | None = None, vendor: str | None = VENDOR, **files: str | None) -> list[str]:
        """Each diagnostic as code and place: `MF120 events:2:3`."""
        return [short(each) for each in self.compiled(events, vendor, **files).diagnostics]

    def of_attributes(self, attributes: str, vendor: str = VENDOR) -> list[tuple[str, str, str]]:
        """Code, message and what the carets are under, for each diagnostic of an entry with these attributes."""
        text = attributes_yaml(attributes)
        return [
            (each.code, each.message, under(each, text if each.span.file == "acme/events.yaml" else dedent(vendor)))
            for each in self.compiled(text, vendor).diagnostics
        ]

    def vendor(self, events: str | None = None, vendor: str = VENDOR, **files: str | None) -> model.Vendor:
        """The model; there must be no error."""
        compiled = self.compiled(events, vendor, **files)
        assert compiled.vendor is not None, compiled.diagnostics
        return compiled.vendor

    def entry(self, name: str, events: str, vendor: str = VENDOR) -> model.Entry:
        """One entry of the model."""
        return next(entry for entry in self.vendor(events, vendor).entries if entry.name == name)

    def attribute(self, attribute: str, vendor: str = VENDOR) -> model.Attribute:
        """The model of one attribute, written as in YAML."""
        return self.vendor(attributes_yaml(attribute), vendor).entries[0].attributes[0]


def short(diagnostic: Diagnostic) -> str:
    span = diagnostic.span
    return f"{diagnostic.code} {span.file.removeprefix('acme/').removesuffix('.yaml')}:{span.line}:{span.column}"


def attributes_yaml(attributes: str) -> str:
    """An events file whose only entry has these attributes."""
    return (
        "CardIssued:\n  trigger: {event: card.issued}\n  attributes:\n"
        + indent(dedent(attributes).strip(), "    ")
        + "\n"
    )


def under(diagnostic: Diagnostic, text: str) -> str:
    """What the carets are under."""
    line = text.split("\n")[diagnostic.span.line - 1]
    return line[diagnostic.span.column - 1 :][: diagnostic.span.length]
