"""Style that a program can check (docs/adr has the reasons): sizes, names, calls that pure code must not make, words.

Each law lists every place that breaks it, so one run shows all there is to mend.
"""

from __future__ import annotations

import ast
import re
import subprocess
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[1]
PACKAGES = ("domain", "rules", "streams", "connectors", "alerts", "ledger", "console", "fundwatch")
FOLDERS = (*PACKAGES, "bench", "deploy", "tests")
MODULE_LINES_MAX = 400
FUNCTION_LINES_MAX = 60
# Names that say where code lies instead of what it is about: everything ends up in them.
BANNED_NAMES = {"utils", "util", "helpers", "helper", "common", "base", "manager", "core", "misc"}
# What would make a pure function's answer depend on anything but its arguments, or lose a fen.
BANNED_CALLS = {
    *("datetime.now", "datetime.utcnow", "datetime.today", "date.today"),
    *("time.time", "time.monotonic", "time.perf_counter", "time.sleep"),
    *("os.getenv", "open", "print", "input", "float", "uuid4", "uuid.uuid4"),
}
BANNED_NAMES_READ = {"os.environ"}
# Whoever changes one of these libraries, or its next version, has one module to look at.
ONLY_IN = {
    "kafka": "connectors/broker.py",
    "redis": "alerts/queues.py",
    "cel_expr_python": "rules/custom/expressions.py",
}

Function = ast.FunctionDef | ast.AsyncFunctionDef


def modules(*folders: str) -> Iterator[tuple[Path, str]]:
    """Every Python file below these folders, with its text."""
    for folder in folders:
        for path in sorted((PROJECT / folder).rglob("*.py")):
            yield path.relative_to(PROJECT), read(path)


@cache
def read(path: Path) -> str:
    """A file's text, read once for all laws."""
    return path.read_text(encoding="utf-8")


@cache
def parsed(text: str) -> ast.Module:
    """A module's syntax, parsed once for all laws."""
    return ast.parse(text)


def imported(text: str) -> set[str]:
    """The packages that a module imports from, by their first name."""
    nodes = list(ast.walk(parsed(text)))
    plain = {name.name for node in nodes if isinstance(node, ast.Import) for name in node.names}
    named = {node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)}
    return {each.partition(".")[0] for each in plain | named}


def functions(*folders: str) -> Iterator[tuple[Path, Function]]:
    """Every function and method below these folders."""
    for path, text in modules(*folders):
        for node in ast.walk(parsed(text)):
            if isinstance(node, Function):
                yield path, node


def pure_modules() -> Iterator[tuple[Path, str]]:
    """The modules that the import contract in pyproject.toml calls pure: one list for both checks."""
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = project["tool"]["importlinter"]["contracts"]
    pure = next(contract["source_modules"] for contract in contracts if contract["name"].startswith("Pure modules"))
    for path, text in modules(*PACKAGES):
        dotted = ".".join(path.with_suffix("").parts)
        if any(dotted == name or dotted.startswith(f"{name}.") for name in pure):
            yield path, text


def dotted_name(node: ast.expr) -> str:
    """`a.b.c` of an expression that is nothing but names and dots; the last two parts, else an empty text."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute) and isinstance(node.value, (ast.Name, ast.Attribute)):
        return f"{dotted_name(node.value).rpartition('.')[2]}.{node.attr}"
    return ""


def committed_texts() -> Iterator[tuple[str, str]]:
    """Every text file that git would commit, but this one, which has to name what it looks for."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=True).stdout
    for name in filter(None, listed.split("\0")):
        path = PROJECT / name
        if path.is_file() and path != Path(__file__):
            content = path.read_bytes()
            if b"\0" not in content:
                yield name, content.decode("utf-8", errors="replace")


def test_no_module_is_longer_than_a_reader_can_hold() -> None:
    """A module has at most 400 lines."""
    assert [str(path) for path, text in modules(*FOLDERS) if text.count("\n") > MODULE_LINES_MAX] == []


def test_no_function_is_longer_than_a_screen() -> None:
    """A function has at most 60 lines, its docstring included."""
    assert [
        f"{path}:{node.lineno} {node.name}"
        for path, node in functions(*FOLDERS)
        if (node.end_lineno or node.lineno) - node.lineno + 1 > FUNCTION_LINES_MAX
    ] == []


def test_modules_are_named_by_what_they_are_about() -> None:
    """No module or package has one of the names that could hold anything."""
    assert [
        str(path)
        for path, _ in modules(*FOLDERS)
        if BANNED_NAMES & {part.lower() for part in path.with_suffix("").parts}
    ] == []


def test_pure_modules_ask_nobody_for_time_or_environment() -> None:
    """A pure module calls no clock, reads no environment or file, prints nothing and makes no float."""
    assert [
        f"{path}:{node.lineno} {dotted_name(node.func)}"
        for path, text in pure_modules()
        for node in ast.walk(parsed(text))
        if isinstance(node, ast.Call) and dotted_name(node.func) in BANNED_CALLS
    ] == []
    assert [
        f"{path}:{node.lineno}"
        for path, text in pure_modules()
        for node in ast.walk(parsed(text))
        if isinstance(node, ast.Attribute) and dotted_name(node) in BANNED_NAMES_READ
    ] == []


def test_the_list_of_pure_modules_is_found() -> None:
    """The laws on pure modules look at something: the domain and the rules at least."""
    assert {path.parts[0] for path, _ in pure_modules()} >= {"domain", "rules"}


def test_one_module_speaks_to_a_server_s_client_library() -> None:
    """All others use that module, or its fake."""
    found = {
        library: {str(path) for path, text in modules(*PACKAGES) if library in imported(text)} for library in ONLY_IN
    }
    assert found == {library: {module} for library, module in ONLY_IN.items()}


def test_every_module_says_what_it_is() -> None:
    """A module that holds code begins with a docstring."""
    assert [str(path) for path, text in modules(*FOLDERS) if text.strip() and not ast.get_docstring(parsed(text))] == []


def test_every_test_states_its_law() -> None:
    """A test has a docstring of one sentence."""
    docstrings = {
        f"{path}:{node.lineno} {node.name}": ast.get_docstring(node) or ""
        for path, node in functions("tests")
        if node.name.startswith("test_")
    }
    assert [place for place, law in docstrings.items() if not law.split("\n\n")[0].rstrip().endswith(".")] == []


@pytest.mark.parametrize("banned", ["mock" + ".patch", "patch" + ".object"])
def test_nothing_is_patched(banned: str) -> None:
    """Tests use the fakes that ship with the code: a patch would test the patch."""
    assert [str(path) for path, text in modules("tests") if banned in text] == []


def test_a_todo_names_its_issue() -> None:
    """Work that was put off is written down where it is found again: an issue's number follows at once."""
    todo = re.compile(r"\b(TODO|FIXME|XXX)\b(?!\(#\d+\))")
    assert [
        f"{path}:{number}"
        for path, text in modules(*FOLDERS)
        if path.name != Path(__file__).name
        for number, line in enumerate(text.splitlines(), 1)
        if todo.search(line)
    ] == []


def test_nothing_committed_knows_the_machine_it_was_made_on() -> None:
    """No committed file holds a path of somebody's machine or the host of a package registry."""
    local = re.compile(
        r"(?<![\w.])/(?:root|work|home/\w+)/|pythonhosted\.|pypi\.org|repo1?\.maven|registry\.npmjs|deb\.debian\.org"
    )
    assert [
        f"{name}:{number}"
        for name, text in committed_texts()
        for number, line in enumerate(text.splitlines(), 1)
        if local.search(line)
    ] == []
