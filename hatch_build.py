"""Compiles the optional filter into wheels and beside an editable install; without a compiler, without it."""

import importlib.util
import platform
import shutil
import sys
import sysconfig
import tempfile
from pathlib import Path
from types import ModuleType
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CompiledFilter(BuildHookInterface[Any]):
    """A wheel with the library runs on this platform only, on every Python; one without it runs anywhere."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Called before files are gathered. Never fails for want of a compiler."""
        build = _load_build(Path(self.root))
        self._folder = Path(tempfile.mkdtemp(prefix="audit-tui-"))
        beside = version == "editable"
        target = (Path(self.root, "audit_tui", "fast") if beside else self._folder) / build.LIBRARY
        reason = build.compile_library(target)
        if reason is not None:
            self.app.display_info(f"without the compiled filter: {reason}")
        elif not beside:
            build_data["force_include"][str(target)] = f"audit_tui/fast/{build.LIBRARY}"
            build_data["pure_python"] = False
            build_data["tag"] = f"py3-none-{_platform_tag()}"

    def finalize(self, *_: object) -> None:
        """Called when the wheel is written."""
        shutil.rmtree(self._folder, ignore_errors=True)


def _load_build(root: Path) -> ModuleType:
    """The package's own way to compile, without importing the package: its dependencies are not here."""
    spec = importlib.util.spec_from_file_location("_build", root / "audit_tui" / "fast" / "build.py")
    if spec is None or spec.loader is None:
        msg = "audit_tui/fast/build.py is missing"
        raise RuntimeError(msg)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _platform_tag() -> str:
    tag = sysconfig.get_platform()
    if sys.platform == "darwin":  # a Python for both processors compiles for the one that it runs on
        tag = tag.replace("universal2", platform.machine())
    return tag.replace("-", "_").replace(".", "_")
