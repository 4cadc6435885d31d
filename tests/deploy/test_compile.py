"""Laws of what the image is compiled of, checked without a compiler; `make test-compiled` compiles and tests it."""

from __future__ import annotations

import ast
import importlib
import os
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from deploy.compile import COMPILED, KEPT, defines_record, modules

PROJECT = Path(__file__).parents[2]
MODULES = modules(PROJECT)
PACKAGES = ("domain", "rules", "streams", "connectors", "alerts", "fundwatch", "bench")


def dotted(name: str) -> str:
    """The module of a file."""
    return name.removesuffix("/__init__.py").removesuffix(".py").replace("/", ".")


def derived(text: str) -> set[str]:
    """Classes that a module imports from compiled ones and derives from."""
    nodes = list(ast.walk(ast.parse(text)))
    froms = [node for node in nodes if isinstance(node, ast.ImportFrom) and node.module in set(map(dotted, MODULES))]
    taken = {each.asname or each.name for node in froms for each in node.names}
    bases = [ast.unparse(base) for node in nodes if isinstance(node, ast.ClassDef) for base in node.bases]
    return taken & {base.partition("[")[0] for base in bases}


def test_the_hot_path_is_compiled() -> None:
    """Every pattern finds modules, and the engine, its tables and the stage around it are among them."""
    assert [pattern for pattern in COMPILED if not any(Path(name).match(pattern) for name in MODULES)] == []
    assert {"rules/engine.py", "rules/tables.py", "rules/fold/payments.py", "streams/judge.py"} <= set(MODULES)


@pytest.mark.parametrize("name", MODULES)
def test_a_compiled_module_defines_no_record(name: str) -> None:
    """No class of it is a msgspec.Struct, however far off the base is: mypyc would change its form without a word."""
    module = importlib.import_module(dotted(name))
    own = [each for each in vars(module).values() if isinstance(each, type) and each.__module__ == module.__name__]
    assert [each.__name__ for each in own if issubclass(each, msgspec.Struct)] == []


def test_no_interpreted_class_derives_from_a_compiled_one() -> None:
    """It could not be made, and only in the image would anybody notice."""
    interpreted = [path for package in PACKAGES for path in sorted((PROJECT / package).rglob("*.py"))]
    names = [str(path.relative_to(PROJECT)) for path in interpreted]
    found = {name: derived((PROJECT / name).read_text(encoding="utf-8")) for name in names if name not in MODULES}
    assert {name: classes for name, classes in found.items() if classes} == {}


def test_a_class_that_derives_from_a_compiled_one_is_found() -> None:
    """Also by another name, and with its type's argument."""
    text = "from rules.tables import Table as Kept\nclass Mine(Kept[int]): ..."
    assert derived(text) == {"Kept"}


def test_a_module_with_a_record_is_kept() -> None:
    """Rows of the state are written by interpreted classes."""
    assert defines_record((PROJECT / "rules" / "state.py").read_text(encoding="utf-8"))
    assert "rules/state.py" not in MODULES


@pytest.mark.parametrize("name", KEPT)
def test_what_is_kept_for_another_reason_is_there(name: str) -> None:
    """It would be compiled but for its reason."""
    assert any(Path(name).match(pattern) for pattern in COMPILED)
    assert not defines_record((PROJECT / name).read_text(encoding="utf-8"))


def test_without_a_compiler_one_line_says_so(tmp_path: Path) -> None:
    """Nothing is begun then."""
    command = [sys.executable, "-m", "deploy.compile", str(tmp_path)]
    environ = os.environ | {"CC": "no-such-compiler -O2"}
    done = subprocess.run(command, cwd=PROJECT, env=environ, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "the C compiler no-such-compiler is missing: install it, or set CC=<another>\n"
    assert list(tmp_path.iterdir()) == []
