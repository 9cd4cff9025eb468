"""Ops that move elements."""

import torch
import torch.nn.functional as F

from .vectors_format.family import Family, fixed, integers, normal


def move(family, *args):
    family.case(*args, moves=True)


def shapes(family):
    move(family, "reshape", "to more axes", lambda x: x.reshape(2, 3, 10), [normal(6, 10)], {"shape": [2, 3, 10]})
    move(family, "reshape", "an open axis", lambda x: x.reshape(5, -1), [normal(3, 5, 2)], {"shape": [5, -1]})
    move(family, "reshape", "to a scalar", lambda x: x.reshape(()), [normal(1, 1)], {"shape": []})
    move(family, "flatten", "all", torch.flatten, [normal(2, 3, 4)], {"start": 0, "end": -1})
    move(family, "flatten", "but the batch", lambda x: x.flatten(1), [normal(2, 3, 4, 5)], {"start": 1, "end": -1})
    move(family, "flatten", "middle axes", lambda x: x.flatten(1, 2), [normal(2, 3, 4, 5)], {"start": 1, "end": 2})
    family.case("expand", "new leading axes", lambda x: x.expand(4, 2, 3), [normal(3)], {"shape": [4, 2, 3]}, terms=8)
    family.case("expand", "axes of size 1", lambda x: x.expand(5, 3, 7, 2), [normal(3, 1, 2)], {"shape": [5, 3, 7, 2]}, terms=35)
    family.case("expand", "a scalar", lambda x: x.expand(3, 5), [normal()], {"shape": [3, 5]}, terms=15)


def more(family):
    move(family, "squeeze", "all", torch.squeeze, [normal(1, 3, 1, 2, 1)])
    move(family, "squeeze", "one axis", lambda x: x.squeeze(-3), [normal(1, 3, 1, 2, 1)], {"axes": [-3]})
    move(family, "squeeze", "an axis that is longer", lambda x: x.squeeze(1), [normal(1, 3)], {"axes": [1]})
    for axis in (0, 1, -1):
        move(family, "unsqueeze", f"axis {axis}", lambda x: x.unsqueeze(axis), [normal(3, 4)], {"axis": axis})
    for name, shape, sizes, axis, piece in (("size 3", (8, 2), 3, 0, 2), ("sizes", (2, 9), [2, 3, 4], 1, 1), ("last axis", (3, 4), 2, -1, 0)):
        attrs = {"sizes": sizes, "axis": axis, "piece": piece}
        move(family, "split", name, lambda x: torch.split(x, sizes, axis)[piece], [normal(*shape)], attrs)
    for name, shape, chunks, axis, piece in (("uneven", (7, 2), 3, 0, 2), ("fewer than asked for", (2, 6), 4, 1, 2)):
        attrs = {"chunks": chunks, "axis": axis, "piece": piece}
        move(family, "chunk", name, lambda x: torch.chunk(x, chunks, axis)[piece], [normal(*shape)], attrs)
    move(family, "clone", "clone", torch.clone, [normal(3, 5)])
    for rule in (torch.tril, torch.triu):
        for shape, diagonal in (((4, 4), 0), ((2, 3, 5), 1), ((5, 3), -2), ((3, 3), 7), ((3, 3), -7)):
            move(family, rule.__name__, f"{shape} from {diagonal}", lambda x: rule(x, diagonal), [normal(*shape)], {"diagonal": diagonal})


def casts(family):
    reals = [-2147483648.0, -16777217.5, -2.5, -1.0, -0.99, -0.0, 0.3, 1.0, 1.99, 8388607.5, 16777216.0, 2147483520.0]
    family.case("cast", "float32 to int32", lambda x: x.detach().to(torch.int32), [fixed(reals)], {"dtype": "int32"})
    whole = [-2147483648, -2147483583, -16777219, -16777217, -1, 0, 1, 16777217, 16777219, 2147483583, 2147483647]
    family.case("cast", "int32 to float32", lambda x: x.to(torch.float32), [fixed(whole)], {"dtype": "float32"}, moves=True)


def axes(family):
    for shape, order in (((3, 5), [1, 0]), ((2, 3, 4), [2, 0, 1]), ((2, 3, 4, 5), [0, 2, 3, 1]), ((2, 1, 3), [-1, -3, -2])):
        move(family, "permute", f"{order}", lambda x: x.permute(order), [normal(*shape)], {"axes": order})
    for shape, a, b in (((33, 17), -2, -1), ((2, 3, 4), 0, 2), ((2, 3, 4, 5), 1, -1)):
        move(family, "transpose", f"axes {a} and {b} of {len(shape)}", lambda x: x.transpose(a, b), [normal(*shape)], {"a": a, "b": b})


def slices(family):
    for name, shape, starts, ends, steps in (
        ("a box", (5, 7), [1, 2], [4, 7], [1, 1]),
        ("steps", (6, 9, 4), [0, 1, 0], [6, 9, 4], [2, 3, 1]),
        ("steps that do not divide", (8, 5), [1, 0], [8, 5], [3, 4]),
        ("one element", (3, 4, 5), [2, 3, 4], [3, 4, 5], [1, 1, 1]),
    ):
        box = tuple(slice(*bounds) for bounds in zip(starts, ends, steps))
        attrs = {"starts": starts, "ends": ends, "steps": steps}
        move(family, "slice", name, lambda x: x[box], [normal(*shape)], attrs)


def joins(family):
    for name, shapes_, axis in (
        ("rows", [(2, 3), (4, 3)], 0),
        ("columns of three", [(3, 2), (3, 5), (3, 1)], -1),
        ("channels", [(2, 3, 4, 5), (2, 7, 4, 5)], 1),
        ("one", [(4, 2)], 1),
    ):
        function = lambda *xs: torch.cat(xs, axis)
        move(family, "concat", name, function, [normal(*shape) for shape in shapes_], {"axis": axis})
    for name, count, axis in (("in front", 3, 0), ("behind", 2, -1), ("between", 4, 1)):
        function = lambda *xs: torch.stack(xs, axis)
        move(family, "stack", name, function, [normal(3, 5) for _ in range(count)], {"axis": axis})


def paddings(family):
    for name, shape, padding, value in (
        ("both sides", (3, 4), [[1, 1], [2, 2]], 0.0),
        ("uneven, with a value", (3, 4), [[0, 2], [3, 0]], -1.5),
        ("images", (2, 3, 4, 5), [[0, 0], [0, 0], [1, 2], [3, 1]], 0.0),
        ("nothing", (5,), [[0, 0]], 7.0),
    ):
        flat = [n for pair in reversed(padding) for n in pair]
        function = lambda x: F.pad(x, flat, value=value)
        move(family, "pad", name, function, [normal(*shape)], {"padding": padding, "value": value})


def rows(family):
    family.case("embedding", "rows", F.embedding, [fixed([0, 6, 3, 3, 1]), normal(7, 5)], terms=2)
    family.case("embedding", "a matrix of indices", F.embedding, [integers(11, 4, 6), normal(11, 3)], terms=8)
    family.case("embedding", "one row many times", F.embedding, [fixed([1] * 37), normal(3, 9)], terms=37)


def elements(family):
    for name, shape, axis, index in (
        ("one of each row", (9, 4), 1, (9, 1)),
        ("columns", (5, 3), 0, (7, 3)),
        ("a vector", (6,), -1, (40,)),
        ("fewer rows", (7, 5), 1, (3, 8)),
        ("the middle axis", (2, 5, 4), 1, (2, 3, 4)),
        ("the first axis, a part of the others", (4, 3, 5), 0, (6, 2, 4)),
        ("images", (2, 3, 4, 5), 3, (2, 3, 4, 2)),
    ):
        function = lambda x, index: torch.gather(x, axis, index)
        inputs = [normal(*shape), integers(shape[axis], *index)]
        family.case("gather", name, function, inputs, {"axis": axis}, terms=8)


def make():
    family = Family("layout")
    for part in (shapes, more, casts, axes, slices, joins, paddings, rows, elements):
        part(family)
    return family
