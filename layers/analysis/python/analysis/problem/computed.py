"""Check a numeric answer by computing it; what cannot be computed is said to be unchecked."""

import ast
import operator
import re
from collections.abc import Callable, Set
from enum import StrEnum
from fractions import Fraction

_OPERATORS: dict[type, Callable[[Fraction, Fraction], Fraction]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}
_MAX_LENGTH, _MAX_POWER = 200, 64


class Verdict(StrEnum):
    """How far an answer was checked.

    `computed` the problem itself was solved here and agrees; `self_consistent` the model's own
    formula has the value of its answer, which both may be wrong; `wrong` one of the two disagrees;
    `unchecked` neither could be done.
    """

    COMPUTED = "computed"
    SELF_CONSISTENT = "self_consistent"
    WRONG = "wrong"
    UNCHECKED = "unchecked"


def check_answer(
    solved: frozenset[Fraction] | None, formula: str | None, answer: str | None
) -> Verdict:
    """Compare the number an answer states with the problem's solution, else with the formula."""
    stated = number_in(answer or "")
    if stated is None:
        return Verdict.UNCHECKED
    if solved is not None:
        return Verdict.COMPUTED if _among(stated, solved) else Verdict.WRONG
    if formula is None:
        return Verdict.UNCHECKED
    try:
        value = evaluate(formula)
    except (ValueError, ZeroDivisionError, OverflowError):
        return Verdict.UNCHECKED
    return Verdict.SELF_CONSISTENT if _among(stated, {value}) else Verdict.WRONG


def _among(stated: Fraction, values: Set[Fraction]) -> bool:
    return any(abs(value - stated) < Fraction(1, 1000) for value in values)


def evaluate(formula: str) -> Fraction:
    """Value of digits and + - * / ^ ( ), exact. Raises ValueError for anything else."""
    if len(formula) > _MAX_LENGTH:
        raise ValueError("too long")
    text = formula.replace("^", "**").replace("×", "*").replace("÷", "/").replace("−", "-")
    try:
        return _value(ast.parse(text, mode="eval").body)
    except (SyntaxError, RecursionError, MemoryError):
        raise ValueError("not a formula") from None


def number_in(text: str) -> Fraction | None:
    """The one number a text states, like `5`, `-3.5`, `2/3`, `12개`; None for none or several."""
    bare = re.sub(r"(?<=\d),(?=\d{3})", "", text)
    found = re.findall(r"-?\d+(?:\.\d+)?(?:\s*/\s*\d+)?", bare)
    if len(found) != 1:
        return None
    try:
        return Fraction(re.sub(r"\s", "", found[0]))
    except (ValueError, ZeroDivisionError):
        return None


def _value(node: ast.expr) -> Fraction:
    match node:
        case ast.Constant(value=int() | float()) if not isinstance(node.value, bool):
            return Fraction(str(node.value))
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_value(operand)
        case ast.BinOp(left=left, op=ast.Pow(), right=right):
            power = _value(right)
            if power.denominator != 1 or abs(power) > _MAX_POWER:
                raise ValueError("such a power is not computed")
            return Fraction(_value(left) ** int(power))
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATORS:
            return _OPERATORS[type(op)](_value(left), _value(right))
    raise ValueError("not a formula of numbers")
