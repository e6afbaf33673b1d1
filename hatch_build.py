"""Compiles the package's one extension for a wheel; where there is no C compiler, the wheel is all Python."""

from __future__ import annotations

import os
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

NAME = "mapforge.values._quick"
SOURCE = "src/mapforge/values/_quick.pyx"


class Compiled(BuildHookInterface[Any]):
    """Hatchling's hook `custom`: https://hatch.pypa.io/latest/plugins/build-hook/custom/."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        from Cython.Build import cythonize
        from setuptools import Distribution, Extension
        from setuptools.errors import CCompilerError, ExecError, PlatformError

        with TemporaryDirectory() as work:
            # What a debugger would need is three quarters of the file.
            flags = [] if os.name == "nt" else ["-g0"]
            extension = Extension(NAME, [str(Path(self.root, SOURCE))], extra_compile_args=flags)
            extensions = cythonize([extension], build_dir=work, quiet=True)
            command = Distribution({"ext_modules": extensions}).get_command_obj("build_ext")
            command.build_lib, command.build_temp = str(Path(self.root, "src")), work
            command.ensure_finalized()
            try:
                command.run()
            except (CCompilerError, ExecError, PlatformError) as error:
                self.app.display_warning(f"{NAME} is not compiled, and mapforge maps slower: {error}")
                return
            (made,) = command.get_outputs()
        build_data["pure_python"] = False
        build_data["infer_tag"] = True
        build_data["artifacts"].append(Path(made).relative_to(self.root).as_posix())
