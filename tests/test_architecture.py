"""The rules of the architecture (design, section 3), read off the imports: each lists all that breaks it."""

from __future__ import annotations

import ast
import re
import sys
from collections import Counter
from functools import cache
from pathlib import Path

from command_tree import LEAVES

PACKAGE = Path(__file__).parent.parent / "glocal_rdf"
MODULES = sorted(path for path in PACKAGE.rglob("*.py") if "bundled" not in path.parts)
GROUND = {
    "addresses",
    "cache",
    "display",
    "edtf",
    "endpoint",
    "errors",
    "files",
    "forms",
    "i18n",
    "lazy",
    "location",
    "namespaces",
    "rdfa_context",
    "sparql",
    "spelling",
    "spill",
    "temporary",
    "triples",
}
GROUND |= {"vocabulary", "xsd"}
COMPOSERS = {"__main__", "cli", "operations"}
"""The command line, and its operations as functions: they alone combine packages."""

NOUNS = {"claim_record", "dataset", "project", "source_graphs"}
"""What may be given to any package."""

ENGINES = {"csvw", "shacl"}
MAX_MODULES, MAX_LINES = 12, 450
"""How many modules a folder may hold, and how many lines a module."""

ALONE = "verify_answer.py"
"""A file that is copied to where nothing else of the package is, and so imports nothing of it."""

NETWORK = {
    "socket",
    "ssl",
    "http",
    "urllib.request",
    "SPARQLWrapper",
    "requests",
    "httpx",
    "httpx2",
    "aiohttp",
    "ftplib",
}
LISTENING = {("serve", "socket"), ("serve", "http"), ("serve", "http.HTTPStatus")}
"""What the server takes of these: the socket that it listens to, and the names of statuses."""

FORBIDDEN_NAMES = {"utils", "util", "helpers", "helper", "common", "misc"}


@cache
def tree_of(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"))


def name_of(path: Path) -> str:
    return str(path.relative_to(PACKAGE))


def package_of(path: Path) -> str:
    """The first part of a module's path in `glocal_rdf`, without the ending."""
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def module_of(path: Path) -> str:
    """The name that a module is imported by."""
    return ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(".__init__")


PACKAGES = {package_of(path) for path in MODULES} - {"__init__"}
NAMES = {module_of(path): path for path in MODULES}


@cache
def imports_of(path: Path, *, at_import: bool = False) -> frozenset[str]:
    """Every module that a file imports: anywhere in it, or when it is imported itself."""
    tree = tree_of(path)
    found: set[str] = set()
    for node in _nodes_at_import(tree) if at_import else ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            found.add(node.module)
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return frozenset(found)


def _nodes_at_import(tree: ast.Module) -> list[ast.stmt]:
    found: list[ast.stmt] = []
    todo: list[ast.stmt] = list(tree.body)
    while todo:
        node = todo.pop()
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            continue
        found.append(node)
        if isinstance(node, ast.If | ast.Try | ast.With | ast.ClassDef):
            todo += node.body
    return found


@cache
def calls_of(path: Path) -> frozenset[str]:
    """What a file calls, as it is written: `print`, `sys.exit`."""
    return frozenset(ast.unparse(node.func) for node in ast.walk(tree_of(path)) if isinstance(node, ast.Call))


def test_packages_import_the_ground_and_no_other_package() -> None:
    offenders = []
    for path in MODULES:
        package = package_of(path)
        if package in COMPOSERS | {"__init__", "former_names"}:
            continue
        allowed = GROUND if package in GROUND else GROUND | NOUNS | {package}
        if package in NOUNS:
            allowed = PACKAGES - COMPOSERS
        wanted = {name.split(".")[1] for name in imports_of(path) if name.startswith("glocal_rdf.")} & PACKAGES
        offenders += [f"{name_of(path)} imports {name}" for name in sorted(wanted - allowed)]
    assert offenders == []


def test_only_the_command_line_knows_the_command_line() -> None:
    offenders = [
        name_of(path)
        for path in MODULES
        if package_of(path) not in {"cli", "__main__"}
        and any(name == "glocal_rdf.cli" or name.startswith("glocal_rdf.cli.") for name in imports_of(path))
    ]
    assert offenders == []


def test_no_command_imports_another_command() -> None:
    modules = {words: "glocal_rdf.cli." + ".".join(words) for words in LEAVES}
    offenders = [
        f"{module} imports {other}"
        for module in modules.values()
        for other in modules.values()
        if other != module and other in imports_of(NAMES[module])
    ]
    assert offenders == []


def test_each_command_has_a_module_an_operation_a_test_and_a_page() -> None:
    """The commands of a group have a folder in each place, and one page."""
    root = PACKAGE.parent
    files = []
    for *group, name in LEAVES:
        folder = "".join(f"{part}/" for part in group)
        files += [f"glocal_rdf/cli/{folder}{name}.py", f"glocal_rdf/operations/{folder}{name}.py"]
        files += [f"tests/cli/{folder}test_{name}.py", f"docs/commands/{[*group, name][0]}.md"]
    assert [file for file in files if not (root / file).is_file()] == []


def test_public_names_are_the_same_for_type_checkers() -> None:
    import glocal_rdf

    tree = ast.parse((PACKAGE / "__init__.py").read_text(encoding="utf-8"))
    imported = {
        alias.asname: node.module
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("glocal_rdf.")
        for alias in node.names
        if alias.asname
    }
    offered = {name: f"glocal_rdf.{module}" for name, module in glocal_rdf._MODULES.items()}
    assert imported == offered


def test_no_module_imports_itself_through_others() -> None:
    graph = {
        name: {found for found in imports_of(path, at_import=True) if found in NAMES and found != name}
        for name, path in NAMES.items()
    }
    # A package's `__init__` runs before its modules, but it is not what they need.
    graph = {name: {other for other in found if not name.startswith(f"{other}.")} for name, found in graph.items()}
    circles = []
    while leaves := [name for name, found in graph.items() if not found & graph.keys()]:
        for name in leaves:
            del graph[name]
    circles = sorted(graph)
    assert circles == []


def test_sub_packages_refer_to_each_other_one_way() -> None:
    """Imports in functions and for types count too. The pairs that are known may only become fewer."""
    edges = set()
    for path in MODULES:
        parts = path.relative_to(PACKAGE).parts
        for name in imports_of(path) & NAMES.keys():
            other = NAMES[name].relative_to(PACKAGE).parts
            if len(parts) > 2 < len(other) and parts[0] == other[0] and parts[1] != other[1]:
                edges.add((parts[0], parts[1], other[1]))
    both = {
        f"{package}: {one}, {other}" for package, one, other in edges if one < other if (package, other, one) in edges
    }
    assert both == {
        "csvw: description, guess",
        "csvw: metadata, rdf",
        "csvw: metadata, tables",
        "csvw: metadata, values",
        "shacl: constraints, shapes",
        "shacl: constraints, sparql",
        "shacl: shapes, sparql",
    }


def test_folders_hold_about_a_dozen_modules() -> None:
    counted = Counter(path.parent for path in MODULES if path.name != "__init__.py" and path.parent != PACKAGE)
    large = {name_of(folder): n for folder, n in counted.items() if n > MAX_MODULES}
    assert {name: n for name, n in large.items() if name not in {"cli", "operations"}} == {}


def test_modules_are_named_for_an_idea_and_hold_one() -> None:
    long = {name_of(path): n for path in MODULES if (n := path.read_text(encoding="utf-8").count("\n")) > MAX_LINES}
    assert long == {}
    assert [name_of(path) for path in MODULES if path.stem in FORBIDDEN_NAMES] == []


def test_the_first_line_says_what_a_module_is_for() -> None:
    first = {name_of(path): (ast.get_docstring(tree_of(path)) or "\n").splitlines()[0] for path in MODULES}
    assert {name: line for name, line in first.items() if not re.match(r".{20,}[.:]$", line)} == {}


def test_only_the_command_line_prints_and_exits() -> None:
    forbidden = {"print", "input", "exit", "quit", "sys.exit", "os._exit", "click.echo"}
    offenders = [
        f"{name_of(path)}: {', '.join(sorted(calls_of(path) & forbidden)) or 'sys.stdout'}"
        for path in MODULES
        if package_of(path) not in {"cli", "__main__"}
        and (calls_of(path) & forbidden or "sys.stdout" in path.read_text(encoding="utf-8"))
    ]
    assert offenders == []


def test_only_the_endpoint_opens_the_network() -> None:
    offenders = [
        f"{name_of(path)} imports {name}"
        for path in MODULES
        if package_of(path) != "endpoint"
        for name in sorted(imports_of(path))
        if any(name == root or name.startswith(f"{root}.") for root in NETWORK)
        if (package_of(path), name) not in LISTENING
    ]
    assert offenders == []


def test_what_stands_alone_needs_python_alone() -> None:
    [path] = [path for path in MODULES if path.name == ALONE]
    assert {name.split(".")[0] for name in imports_of(path)} <= {*sys.stdlib_module_names}
    assert path.read_text(encoding="utf-8").count("\n") < 250
    others = [name_of(other) for other in MODULES if any(ALONE[:-3] in name for name in imports_of(other))]
    assert others == []


def test_engines_know_nothing_of_cities() -> None:
    offenders = [
        name_of(path)
        for path in MODULES
        if package_of(path) in ENGINES
        and ("w3id.org/glocal" in path.read_text(encoding="utf-8") or "glocal_rdf.project" in imports_of(path))
    ]
    assert offenders == []


def test_libraries_read_no_clock_and_no_environment() -> None:
    clocks = {"datetime.now", "date.today", "time.time", "datetime.datetime.now", "datetime.date.today"}
    offenders = [
        name_of(path)
        for path in MODULES
        if package_of(path) != "cli" and (calls_of(path) & clocks or "os.environ" in path.read_text(encoding="utf-8"))
    ]
    assert offenders == []


def test_iris_of_vocabularies_are_made_from_the_namespaces() -> None:
    known = re.compile(
        r"https?://(?:www\.w3\.org|purl\.org|schema\.org|xmlns\.com|wikiba\.se|w3id\.org|rdfs\.org)/[^\s>]*[#/][A-Za-z]*>?$"
    )
    offenders = []
    for path in MODULES:
        tree = tree_of(path)
        texts = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        offenders += [
            f"{name_of(path)}: {node.value}"
            for node in ast.walk(tree)
            if package_of(path) not in {"namespaces", "vocabulary"}
            and path.name != ALONE
            and isinstance(node, ast.Constant)
            and isinstance(node.value, str)
            and id(node) not in texts
            and known.match(node.value.lstrip("<"))
        ]
    assert offenders == []


def test_the_text_of_queries_is_read_by_the_grammar_alone() -> None:
    words = re.compile(
        r"\b(?:SELECT|SERVICE|GRAPH|WHERE|CONSTRUCT|FILTER|select|service|graph|where|construct|filter)\b"
    )
    offenders = [
        f"{name_of(path)}: {ast.unparse(node)[:80]}"
        for path in MODULES
        if package_of(path) != "sparql"
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.Call) and ast.unparse(node.func).startswith("re.")
        for part in ast.walk(node)
        if isinstance(part, ast.Constant) and words.search(str(part.value))
    ]
    assert offenders == []
