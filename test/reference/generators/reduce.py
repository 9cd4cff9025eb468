"""Reductions over axes, and argmax."""

import torch

from .vectors_format.family import Family, fixed, grid, normal

CASES = {
    "all axes": ((3, 5, 7), None, False),
    "last axis": ((3, 5, 7), [2], False),
    "first axis, kept": ((3, 5, 7), [0], True),
    "middle axis": ((3, 5, 7), [-2], False),
    "outer axes, kept": ((3, 5, 7), [0, 2], True),
    "channels of a batch": ((4, 3, 5, 6), [0, 2, 3], False),
    "long rows": ((2, 515), [1], False),
    "long columns": ((517, 3), [0], False),
    "axes of size 1": ((1, 4, 1), [0, 2], False),
    "one long axis": ((2053,), None, True),
}


def over(shape, axes):
    return tuple(range(len(shape))) if axes is None else tuple(axes)


def attrs_of(axes, keepdim):
    return {"keepdim": keepdim} if axes is None else {"axes": axes, "keepdim": keepdim}


def length(shape, axes):
    return torch.Size(shape[axis] for axis in over(shape, axes)).numel()


def reductions(family):
    rules = {"sum": torch.sum, "mean": torch.mean, "max": torch.amax, "min": torch.amin}
    for op, rule in rules.items():
        for name, (shape, axes, keepdim) in CASES.items():
            function = lambda x, shape=shape, axes=axes, keepdim=keepdim: rule(x, dim=over(shape, axes), keepdim=keepdim)
            family.case(op, name, function, [normal(*shape)], attrs_of(axes, keepdim), terms=length(shape, axes))
        family.case(op, "scalar", lambda x: rule(x, dim=()), [normal()], {"keepdim": False})
    for op in ("max", "min"):
        tied = lambda x: rules[op](x, dim=(1, 2))
        family.case(op, "ties share", tied, [grid(-2, 2, 4, 5, 6)], {"axes": [1, 2], "keepdim": False})


def variances(family):
    for name, (shape, axes, keepdim) in CASES.items():
        if length(shape, axes) == 1:
            continue
        for correction in (0, 1):
            function = lambda x: torch.var(x, dim=over(shape, axes), keepdim=keepdim, correction=correction)
            attrs = {**attrs_of(axes, keepdim), "correction": correction}
            terms = length(shape, axes)
            family.case("variance", f"{name}, correction {correction}", function, [normal(*shape)], attrs, terms=terms)
            root = lambda x: torch.std(x, dim=over(shape, axes), keepdim=keepdim, correction=correction)
            family.case("std", f"{name}, correction {correction}", root, [normal(*shape)], attrs, terms=terms)
    flat = lambda x: torch.std(x, dim=(1,))
    rows = fixed([[2.0, 2.0, 2.0], [1.0, 2.0, 4.0]])
    family.case("std", "of equal numbers", flat, [rows], {"axes": [1], "keepdim": False, "correction": 1})
    far = lambda x: torch.var(x, dim=(1,), correction=1)
    family.case("variance", "far from 0", far, [normal(5, 100, mean=10)], {"axes": [1], "keepdim": False, "correction": 1}, terms=640)


def first_max(x, axis, keepdim):
    """Of equal maxima the first."""
    hits = (x == x.amax(axis, keepdim=True)).to(torch.int64)
    index = torch.arange(x.shape[axis]).reshape([-1 if i == axis % x.dim() else 1 for i in range(x.dim())])
    return torch.where(hits == 1, index, x.shape[axis]).amin(axis, keepdim=keepdim)


def argmaxima(family):
    for name, shape, axis, keepdim in (
        ("rows", (7, 10), -1, False),
        ("columns, kept", (9, 4), 0, True),
        ("middle axis", (2, 5, 3), 1, False),
        ("long axis", (3, 700), 1, False),
        ("one axis", (11,), 0, False),
        ("axis of size 1", (4, 1), 1, False),
    ):
        function = lambda x: first_max(x, axis, keepdim)
        family.case("argmax", name, function, [normal(*shape)], {"axis": axis, "keepdim": keepdim})
        least = lambda x: first_max(-x, axis, keepdim)
        family.case("argmin", name, least, [normal(*shape)], {"axis": axis, "keepdim": keepdim})
    ties = lambda x: first_max(x, 1, False)
    family.case("argmax", "first of equal ones", ties, [grid(0, 2, 12, 9)], {"axis": 1, "keepdim": False})


def running(family):
    for shape, axis in (((7,), 0), ((3, 5, 4), 1), ((65, 3), 0), ((2, 700), -1), ((5, 1), 1)):
        function = lambda x: torch.cumsum(x, axis)
        family.case("cumsum", f"axis {axis} of {shape}", function, [normal(*shape)], {"axis": axis}, terms=8 * shape[axis])
    family.case("cumsum", "int32", lambda x: torch.cumsum(x, 1), [fixed([[4, -7, 2], [0, 3, 9]])], {"axis": 1})


def make():
    family = Family("reduce")
    reductions(family)
    variances(family)
    argmaxima(family)
    running(family)
    return family
