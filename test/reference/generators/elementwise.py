"""Ops on single elements, with broadcasting where they have two operands."""

import torch
import torch.nn.functional as F

from .vectors_format.family import Family, fixed, grid, normal, uniform

SHAPES = {
    "equal shapes": ((3, 5), (3, 5)),
    "scalar": ((2, 7), ()),
    "row and column": ((1, 7), (5, 1)),
    "missing leading axes": ((3,), (2, 5, 3)),
    "axes of size 1 on both sides": ((4, 1, 3, 1), (2, 1, 6)),
}

EDGES = [-90.0, -20.0, -3.0, -1.0, -0.4, -1e-3, -1e-6, 0.0, 1e-6, 1e-3, 0.4, 1.0, 3.0, 20.0, 90.0]
MODERATE = [x for x in EDGES if abs(x) <= 20]
POSITIVE = [1e-6, 0.1, 0.5, 0.999, 1.0, 1.001, 2.0, 3.5, 100.0, 1e6]


def arithmetic(family):
    rules = {
        "add": (torch.add, normal),
        "sub": (torch.sub, normal),
        "mul": (torch.mul, normal),
        "div": (torch.div, lambda *shape: uniform(0.5, 3, *shape)),
        "pow": (torch.pow, lambda *shape: uniform(-2, 3, *shape)),
        "maximum": (torch.maximum, normal),
        "minimum": (torch.minimum, normal),
    }
    for op, (rule, right) in rules.items():
        left = (lambda *shape: uniform(0.2, 3, *shape)) if op == "pow" else normal
        for name, (a, b) in SHAPES.items():
            precise = {} if op == "pow" else {"atol": 5e-7, "rtol": 2e-6}
            family.case(op, name, rule, [left(*a), right(*b)], **precise)
    for op in ("maximum", "minimum"):
        family.case(op, "ties share", rules[op][0], [grid(-1, 1, 4, 9), grid(-1, 1, 4, 9)], moves=True)
    for op in ("add", "sub", "mul", "maximum", "minimum"):
        family.case(op, "int32", rules[op][0], [fixed([[-7, 0, 5], [9, 2, -3]]), fixed([4, 5, -6])])
    family.case("div", "negative denominators", torch.div, [normal(5, 4), uniform(-3, -0.5, 5, 4)])
    whole = fixed([-3.0, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0])
    bases = fixed([[-2.5], [-1.0], [0.5], [2.0]])
    family.case("pow", "negative bases, whole exponents", torch.pow, [bases, whole], grads=[True, False])
    family.case("pow", "exponents of 0 and 2 at 0", torch.pow, [fixed([0.0, 0.0, 0.0]), fixed([0.0, 1.0, 2.0])])


def comparisons(family):
    for op in ("eq", "ne", "lt", "le", "gt", "ge"):
        rule = lambda a, b, compare=getattr(torch, op): compare(a, b).to(torch.float64)
        for name, (a, b) in SHAPES.items():
            family.case(op, name, rule, [grid(-1, 1, *a), grid(-1, 1, *b)], grads=[False, False], moves=True)


def unary(family):
    rules = {
        "neg": (torch.neg, EDGES),
        "exp": (torch.exp, MODERATE),
        "log": (torch.log, POSITIVE),
        "sqrt": (torch.sqrt, POSITIVE),
        "abs": (torch.abs, EDGES),
        "relu": (torch.relu, EDGES),
        "sigmoid": (torch.sigmoid, EDGES),
        "tanh": (torch.tanh, EDGES),
        "gelu": (F.gelu, EDGES),
        "silu": (F.silu, EDGES),
        "hardswish": (F.hardswish, EDGES),
        "square": (torch.square, EDGES),
        "sin": (torch.sin, EDGES),
        "cos": (torch.cos, EDGES),
        "sign": (torch.sign, EDGES),
        "floor": (torch.floor, EDGES),
        "ceil": (torch.ceil, EDGES),
        "round": (torch.round, EDGES + [0.5, 1.5, 2.5, -0.5, -1.5]),
        "isnan": (lambda x: torch.isnan(x).to(torch.float64), EDGES),
        "isfinite": (lambda x: torch.isfinite(x).to(torch.float64), EDGES),
    }
    for op, (rule, edges) in rules.items():
        middle = uniform(0.05, 4, 3, 41) if edges is POSITIVE else uniform(-4, 4, 3, 41)
        plain = op in ("neg", "abs", "relu", "sign", "floor", "ceil", "round", "isnan", "isfinite")
        family.case(op, "edges", rule, [fixed(edges)], moves=plain)
        family.case(op, "middle", rule, [middle], moves=plain)


def with_settings(family):
    for low, high in ((-1.0, 0.5), (0.0, 6.0)):
        clamp = lambda x, low=low, high=high: torch.clamp(x, low, high)
        family.case("clamp", f"{low} to {high}", clamp, [uniform(-8, 8, 5, 13)], {"low": low, "high": high}, moves=True)
    family.case("clamp", "at the bounds", lambda x: torch.clamp(x, -1, 1), [grid(-2, 2, 20)], {"low": -1, "high": 1}, moves=True)
    for slope in (0.01, 0.3):
        leaky = lambda x, slope=slope: F.leaky_relu(x, slope)
        family.case("leakyRelu", f"slope {slope}", leaky, [fixed(EDGES)], {"negativeSlope": slope})


    for beta, threshold in ((1.0, 20.0), (2.5, 1.5)):
        soft = lambda x, beta=beta, threshold=threshold: F.softplus(x, beta, threshold)
        family.case("softplus", f"beta {beta}", soft, [fixed(EDGES)], {"beta": beta, "threshold": threshold})


def selection(family):
    where = lambda cond, a, b: torch.where(cond != 0, a, b)
    shapes = {
        "equal shapes": ((3, 5), (3, 5), (3, 5)),
        "all three broadcast": ((4, 1, 1), (3, 1), (1, 1, 5)),
        "scalars": ((2, 6), (), ()),
    }
    for name, (cond, a, b) in shapes.items():
        family.case("where", name, where, [grid(0, 1, *cond), normal(*a), normal(*b)], grads=[False, True, True], terms=12)


def make():
    family = Family("elementwise")
    arithmetic(family)
    comparisons(family)
    unary(family)
    with_settings(family)
    selection(family)
    return family
