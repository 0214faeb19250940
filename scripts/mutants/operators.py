"""The small changes: each is what a slip of the hand could make of one expression.

Left alone: texts for people (arguments of gettext, docstrings, labels, f-strings), types,
and strings in general, because a misspelt lookup or key only crashes.
"""

import ast
import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

TEXTS = {"_", "gettext", "gettext_lazy", "ngettext", "TypeVar"}
LABELS = {"verbose_name", "label", "help_text", "help", "name"}
TYPES = {"annotation", "returns", "type_comment", "ctx", "ops", "op", "bases"}
WIRING = {"property", "cached_property", "dataclass", "classmethod", "staticmethod"}
# Each argument of these says something that a reader or the log relies on,
CRITERIA = {"filter", "exclude", "Q", "order_by"}
# and of these each keyword.
KEYWORDS = {"get", "When", "create", "update", "update_or_create", "record", "send"}
KEYWORDS |= {"sorted", "sort", "min", "max"}
# Links of a chain that narrow, order or lock; without them the chain still works.
LINKS = {"order_by", "in_force", "of_person", "strip", "lower", "select_for_update"}
SWAPS = {"min": "max", "any": "all"}
SWAPS |= {new: old for old, new in SWAPS.items()}
NEIGHBOURS = {
    "VIEW": "COMMENT", "COMMENT": "EDIT", "EDIT": "COMMENT", "MANAGE": "EDIT",
    "NETWORK": "ORGANISATION", "ORGANISATION": "NETWORK", "RESTRICTED": "ORGANISATION",
    "PROJECT": "RESTRICTION", "RESTRICTION": "PROJECT", "ADMIN": "MANAGER",
    "MANAGER": "ADMIN", "ACTIVE": "SUSPENDED",
}  # fmt: skip
ACTS = {"view": "share", "share": "view", "drafts": "view", "restrict": "view"}
COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Eq: (ast.NotEq,), ast.NotEq: (ast.Eq,), ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,), ast.Is: (ast.IsNot,), ast.IsNot: (ast.Is,),
    ast.Lt: (ast.LtE, ast.GtE), ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE), ast.GtE: (ast.Gt, ast.Lt),
}  # fmt: skip


@dataclass(frozen=True)
class Place:
    """Where a change is."""

    where: str = ""  # qualified name of the function or class
    lines: tuple[int, int] = (0, 0)  # of the whole statement, for choosing tests
    in_function: bool = False  # then it can be put into a function that is loaded


@dataclass(frozen=True)
class Mutant:
    """One change: where, what stood there and what stands there now."""

    place: Place
    line: int
    was: str
    now: str


Slot = tuple[ast.AST, str, int | None, Place]


def mutants_of(source: str) -> list[Mutant]:
    """List every mutant of a module, always in the same order."""
    return [mutant for mutant, _tree in _mutations(source)]


def mutate(source: str, number: int) -> ast.Module:
    """Give the module with the change of this number made; below 0 none is."""
    if number < 0:
        return ast.parse(source)
    for count, (_mutant, tree) in enumerate(_mutations(source)):
        if count == number:
            return ast.fix_missing_locations(tree)
    raise IndexError(number)


def _mutations(source: str) -> Iterator[tuple[Mutant, ast.Module]]:
    """Make one change after the other in the same tree; each is undone on going on."""
    tree = ast.parse(source)
    for parent, field, index, place in list(_slots(tree, Place())):
        old = _get(parent, field, index)
        for new in _changes(old, parent, field, place):
            mutant = Mutant(place, old.lineno, ast.unparse(old), ast.unparse(new))
            if mutant.was != mutant.now:
                _put(parent, field, index, ast.copy_location(new, old))
                yield mutant, tree
                _put(parent, field, index, old)


def _get(parent: ast.AST, field: str, index: int | None) -> ast.expr | ast.stmt:
    held = getattr(parent, field)
    found: ast.expr | ast.stmt = held if index is None else held[index]
    return found


def _put(parent: ast.AST, field: str, index: int | None, new: ast.AST) -> None:
    if index is None:
        setattr(parent, field, new)
    else:
        getattr(parent, field)[index] = new


# --- Where something can be changed -------------------------------------------------


def _slots(node: ast.AST, place: Place) -> Iterator[Slot]:
    for field, value in ast.iter_fields(node):
        is_list = isinstance(value, list)
        for number, child in enumerate(value if is_list else [value]):
            if field in TYPES or not isinstance(child, ast.AST) or _is_text(child):
                continue
            inside = _enter(place, node, field, child)
            if isinstance(child, ast.expr | ast.stmt):
                yield node, field, number if is_list else None, inside
            yield from _slots(child, inside)


def _enter(place: Place, node: ast.AST, field: str, child: ast.AST) -> Place:
    if isinstance(node, ast.FunctionDef | ast.ClassDef) and field == "body":
        where = f"{place.where}.{node.name}".strip(".")
        in_function = place.in_function or isinstance(node, ast.FunctionDef)
        place = replace(place, where=where, in_function=in_function)
    if isinstance(child, ast.stmt):
        body = getattr(child, "body", None)
        last = body[0].lineno - 1 if body else child.end_lineno or child.lineno
        place = replace(place, lines=(child.lineno, max(last, child.lineno)))
    return place


def _is_text(node: ast.AST) -> bool:
    """Say whether this is for people, or a docstring."""
    if isinstance(node, ast.Call):
        return _name(node.func) in TEXTS | WIRING
    if isinstance(node, ast.keyword):
        return node.arg in LABELS
    if isinstance(node, ast.Expr):
        return isinstance(node.value, ast.Constant)
    return isinstance(node, ast.JoinedStr | ast.Import | ast.ImportFrom)


def _name(node: ast.AST) -> str:
    return str(getattr(node, "attr", getattr(node, "id", "")))


# --- What it can become -------------------------------------------------------------


def _changes(
    old: ast.AST, parent: ast.AST, field: str, place: Place
) -> Iterator[ast.AST]:
    if isinstance(getattr(old, "ctx", None), ast.Store | ast.Del):
        return
    if field not in {"ifs", "test"}:
        yield from _of_any(old, parent, field, place)
        return
    if not isinstance(parent, ast.While):
        yield ast.Constant(value=True)
    yield ast.Constant(value=False)
    # What was always true and always false needs no turning round.
    found = _of_any(old, parent, field, place)
    yield from (new for new in found if not _is_turned(old, new))


def _of_any(
    old: ast.AST, parent: ast.AST, field: str, place: Place
) -> Iterator[ast.AST]:
    if isinstance(old, ast.stmt):
        yield from _of_statement(old, place)
    elif isinstance(old, ast.Constant):
        yield from _of_constant(old, parent, field)
    elif isinstance(old, ast.BinOp):
        # Outside functions `|` joins types.
        yield from _of_arithmetic(old) if place.in_function else ()
    elif isinstance(old, ast.Tuple) and not _is_collection(parent, field):
        return
    elif change := EXPRESSIONS.get(type(old)):
        yield from change(old)


def _of_statement(old: ast.stmt, place: Place) -> Iterator[ast.AST]:
    if isinstance(old, ast.FunctionDef):
        kept = old.decorator_list
        for decorator in kept:
            made = decorator.func if isinstance(decorator, ast.Call) else decorator
            if _name(made) not in WIRING:
                new = copy.copy(old)
                new.decorator_list = [one for one in kept if one is not decorator]
                yield new
    elif isinstance(old, ast.Return):
        if old.value is not None and not isinstance(old.value, ast.Constant):
            yield ast.Return(ast.Constant(None))
    elif _does_something(old) and place.in_function:
        yield ast.Pass()


def _does_something(old: ast.stmt) -> bool:
    """Say whether the rest of a function still runs without this statement."""
    if isinstance(old, ast.Assign):
        # A name that is bound here for the first time would only be missing.
        read = {node.id for node in ast.walk(old.value) if isinstance(node, ast.Name)}
        return all(
            isinstance(target, ast.Attribute | ast.Subscript) or _name(target) in read
            for target in old.targets
        )
    return isinstance(
        old, ast.Expr | ast.Raise | ast.AugAssign | ast.Continue | ast.Break
    )


def _of_constant(old: ast.Constant, parent: ast.AST, field: str) -> Iterator[ast.AST]:
    if isinstance(old.value, bool):
        yield ast.Constant(not old.value)
    elif isinstance(old.value, int):
        yield ast.Constant(old.value + 1)
    elif old.value is None and not isinstance(parent, ast.Compare):
        yield ast.Constant(1)
    elif old.value in ACTS and field != "keys":
        yield ast.Constant(ACTS[str(old.value)])


def _of_arithmetic(old: ast.BinOp) -> Iterator[ast.AST]:
    if isinstance(old.op, ast.BitOr | ast.BitAnd):
        other = ast.BitAnd() if isinstance(old.op, ast.BitOr) else ast.BitOr()
        yield ast.BinOp(old.left, other, old.right)
        yield old.right
    if isinstance(old.op, ast.BitOr | ast.BitAnd | ast.Add | ast.Sub):
        yield old.left


def _of_comparison(old: ast.Compare) -> Iterator[ast.AST]:
    for index, operator in enumerate(old.ops):
        for other in COMPARISONS[type(operator)]:
            ops = [*old.ops[:index], other(), *old.ops[index + 1 :]]
            yield ast.Compare(old.left, ops, old.comparators)


def _of_logic(old: ast.BoolOp) -> Iterator[ast.AST]:
    yield ast.BoolOp(ast.And() if isinstance(old.op, ast.Or) else ast.Or(), old.values)
    for left in _without_one(old.values):
        yield ast.BoolOp(old.op, left) if len(left) > 1 else left[0]


def _of_negation(old: ast.UnaryOp) -> Iterator[ast.AST]:
    yield old.operand


def _of_attribute(old: ast.Attribute) -> Iterator[ast.AST]:
    if old.attr in NEIGHBOURS:
        yield ast.Attribute(old.value, NEIGHBOURS[old.attr], old.ctx)


def _of_collection(old: ast.Set | ast.List | ast.Tuple) -> Iterator[ast.AST]:
    for left in _without_one(old.elts):
        new = copy.copy(old)
        new.elts = left
        yield new if left or not isinstance(old, ast.Set) else ast.Tuple([], ast.Load())


def _of_mapping(old: ast.Dict) -> Iterator[ast.AST]:
    for index in range(len(old.keys)):
        keys = old.keys[:index] + old.keys[index + 1 :]
        yield ast.Dict(keys, old.values[:index] + old.values[index + 1 :])


def _of_call(old: ast.Call) -> Iterator[ast.AST]:
    name = _name(old.func)
    if name in SWAPS:
        func = copy.copy(old.func)
        setattr(func, "id" if isinstance(func, ast.Name) else "attr", SWAPS[name])
        yield ast.Call(func, old.args, old.keywords)
    for kept in _without_one(old.keywords if name in CRITERIA | KEYWORDS else []):
        yield ast.Call(old.func, old.args, kept)
    for left in _without_one(old.args if name in CRITERIA else []):
        yield ast.Call(old.func, left, old.keywords)
    # `order_by()` only drops an order that nobody asked for.
    asks = old.args or old.keywords or name != "order_by"
    if name in LINKS and isinstance(old.func, ast.Attribute) and asks:
        yield old.func.value


def _is_collection(parent: ast.AST, field: str) -> bool:
    """Say whether a tuple stands for a list of things, not for a record."""
    loops = isinstance(parent, ast.For | ast.comprehension) and field == "iter"
    return loops or isinstance(parent, ast.Compare | ast.keyword)


def _is_turned(old: ast.AST, new: ast.AST) -> bool:
    """Say whether a condition became its opposite."""
    if isinstance(old, ast.Compare) and isinstance(new, ast.Compare):
        return COMPARISONS[type(old.ops[0])][-1] is type(new.ops[0])
    if isinstance(old, ast.BoolOp) and isinstance(new, ast.BoolOp):
        return type(old.op) is not type(new.op)
    return isinstance(old, ast.UnaryOp)


def _without_one(items: list[Any]) -> Iterator[list[Any]]:
    for index in range(len(items)):
        yield items[:index] + items[index + 1 :]


EXPRESSIONS: dict[type[ast.AST], Callable[..., Iterator[ast.AST]]] = {
    ast.Compare: _of_comparison,
    ast.BoolOp: _of_logic,
    ast.UnaryOp: _of_negation,
    ast.Attribute: _of_attribute,
    ast.Set: _of_collection,
    ast.List: _of_collection,
    ast.Tuple: _of_collection,
    ast.Dict: _of_mapping,
    ast.Call: _of_call,
}
