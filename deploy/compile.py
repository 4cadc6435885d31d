"""Compile the judge's hot path in place with mypyc: `python -m deploy.compile FOLDER`.

The folder holds the project's packages and pyproject.toml, and is a copy: beside each compiled module there is a
library then, which Python takes instead. Developers run interpreted code; the image is built compiled (ADR 10).
"""

from __future__ import annotations

import argparse
import ast
import os
import shutil
import sys
import sysconfig
import tempfile
from pathlib import Path
from typing import Final

# Where the judge's processor time goes: the engine, its view and tables, the folds, and the loop around them.
COMPILED: Final = (
    *("rules/*.py", "rules/fold/*.py", "rules/facts/*.py"),
    *("streams/judge.py", "streams/partition.py", "streams/state.py"),
)
# Of these mypyc cannot take, beside modules that define records (`defines_record`):
KEPT: Final = {
    "rules/thresholds.py": "one of its exceptions derives from KeyError, which a native class cannot",
}
# The one library that holds it all; the libraries beside the modules only name their part of it.
GROUP: Final = "fundwatch"


class CompilerMissing(Exception):
    """What it takes to compile is not installed here."""


def modules(folder: Path) -> list[str]:
    """What is compiled, as paths below the folder, in order."""
    found = sorted(path for pattern in COMPILED for path in folder.glob(pattern))
    names = [(str(path.relative_to(folder)), path.read_text(encoding="utf-8")) for path in found]
    return [name for name, text in names if name not in KEPT and text.strip() and not defines_record(text)]


def defines_record(text: str) -> bool:
    """Whether a module derives a class from msgspec.Struct.

    mypyc would drop what the class statement says in keywords (frozen, array_like) and the arguments of generic
    annotations, without a word: rows would be written in another form.
    """
    classes = (node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.ClassDef))
    return any(ast.unparse(base) in {"Struct", "msgspec.Struct"} for each in classes for base in each.bases)


def check_tools() -> None:
    """Raise CompilerMissing unless C compiler, Python's headers and mypyc are here."""
    compiler = (os.environ.get("CC") or sysconfig.get_config_var("CC") or "cc").split()[0]
    if shutil.which(compiler) is None:
        raise CompilerMissing(f"the C compiler {compiler} is missing: install it, or set CC=<another>")
    if not Path(sysconfig.get_path("include"), "Python.h").exists():
        raise CompilerMissing("Python's headers are missing: install python3-dev")
    try:
        import mypyc.build  # noqa: F401, PLC0415 - only whoever compiles needs it
    except ImportError:
        raise CompilerMissing("mypyc is missing: it comes with mypy, see requirements-dev.lock") from None


def compile_in_place(folder: Path) -> None:
    """Compile what `modules` says. Raises CompilerMissing; ends the process where mypyc or the compiler refuses."""
    check_tools()
    from mypyc.build import mypycify  # noqa: PLC0415 - only whoever compiles needs it
    from setuptools import setup  # type: ignore[import-untyped]  # noqa: PLC0415 - the same; it ships no types

    sys.stderr.write(f"compiling {len(modules(folder))} modules, a minute or two …\n")
    os.chdir(folder)  # mypy looks for pyproject.toml here, setuptools puts the libraries here
    with tempfile.TemporaryDirectory(prefix="fundwatch-compile-") as made:
        options = [f"--cache-dir={made}/mypy"]
        # One C file for all: calls between modules stay direct. No debugging information: it doubles the library.
        extensions = mypycify(
            [*options, *modules(Path())], opt_level="3", debug_level="0", target_dir=f"{made}/c", group_name=GROUP
        )
        told = ["--quiet", "build_ext", "--inplace", f"--build-lib={made}/lib", f"--build-temp={made}/temp"]
        setup(name=GROUP, packages=[], ext_modules=extensions, script_args=told)


def main() -> None:
    """Compile, or say in one line what is missing."""
    options = argparse.ArgumentParser(prog="python -m deploy.compile", description=__doc__)
    options.add_argument("folder", type=Path, metavar="FOLDER", help="a copy of the project")
    folder: Path = options.parse_args().folder.resolve()
    try:
        compile_in_place(folder)
    except CompilerMissing as missing:
        sys.exit(str(missing))


if __name__ == "__main__":
    main()
