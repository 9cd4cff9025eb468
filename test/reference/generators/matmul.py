"""Matrix products and dense layers."""

import torch
import torch.nn.functional as F

from .vectors_format.family import Family, normal

PRODUCTS = {
    "1 by 1": ((1, 1), (1, 1)),
    "small": ((3, 5), (5, 7)),
    "no multiple of a tile": ((33, 35), (35, 17)),
    "exactly tiles": ((32, 64), (64, 32)),
    "more columns than a tile": ((5, 13), (13, 131)),
    "more rows than a tile": ((131, 13), (13, 5)),
    "long sum": ((1, 1030), (1030, 2)),
    "outer product": ((17, 1), (1, 19)),
    "row by column": ((1, 300), (300, 1)),
    "batch": ((3, 4, 5), (3, 5, 6)),
    "batch of odd sizes": ((2, 9, 33), (2, 33, 10)),
    "batch and a matrix": ((4, 3, 5), (5, 6)),
    "a matrix and a batch": ((3, 5), (4, 5, 6)),
    "batch axes broadcast both ways": ((4, 1, 3, 5), (2, 5, 6)),
    "two batch axes": ((2, 3, 4, 5), (2, 3, 5, 7)),
}

VECTORS = {
    "vector by vector": ((37,), (37,)),
    "matrix by vector": ((11, 37), (37,)),
    "vector by matrix": ((37,), (37, 11)),
    "batch by vector": ((2, 3, 5), (5,)),
    "vector by batch": ((5,), (2, 5, 3)),
}

TRANSPOSED = (
    "small",
    "no multiple of a tile",
    "more columns than a tile",
    "row by column",
    "batch of odd sizes",
    "batch and a matrix",
    "batch axes broadcast both ways",
)


def swap(shape):
    return (*shape[:-2], shape[-1], shape[-2])


def longest_sum(a, b):
    """Of forward and backward; a broadcast operand's gradient adds over the batch."""
    batch = torch.broadcast_shapes(a[:-2], b[:-2]).numel()
    return max(a[-1], batch * max(a[-2] if len(a) > 1 else 1, b[-1] if len(b) > 1 else 1))


def products(family):
    for name, (a, b) in {**PRODUCTS, **VECTORS}.items():
        attrs = {"transposeA": False, "transposeB": False}
        family.case("matmul", name, torch.matmul, [normal(*a), normal(*b)], attrs, terms=longest_sum(a, b))
    for name in TRANSPOSED:
        a, b = PRODUCTS[name]
        for flip_a, flip_b in ((True, False), (False, True), (True, True)):
            def function(x, y):
                return torch.matmul(x.mT if flip_a else x, y.mT if flip_b else y)
            inputs = [normal(*(swap(a) if flip_a else a)), normal(*(swap(b) if flip_b else b))]
            attrs = {"transposeA": flip_a, "transposeB": flip_b}
            label = f"{name}, transposed{' A' if flip_a else ''}{' B' if flip_b else ''}"
            family.case("matmul", label, function, inputs, attrs, terms=longest_sum(a, b))


def dense(family):
    for name, lead, n_in, n_out, bias in (
        ("small", (4,), 3, 5, True),
        ("without bias", (4,), 3, 5, False),
        ("odd sizes", (9,), 67, 35, True),
        ("batch 1", (1,), 33, 10, True),
        ("one output", (13,), 21, 1, True),
        ("one input", (13,), 1, 7, True),
        ("tiles", (32,), 32, 64, True),
        ("three axes", (2, 5), 7, 6, True),
        ("a vector", (), 7, 6, True),
    ):
        inputs = [normal(*lead, n_in), normal(n_out, n_in, scale=n_in**-0.5), normal(n_out) if bias else None]
        terms = max(n_in, n_out, torch.Size(lead).numel())
        family.case("linear", name, F.linear, inputs, {"activation": "none"}, terms=terms)
    for name, lead, n_in, n_out in (("ReLU behind", (6,), 5, 7), ("ReLU behind, tiles", (32,), 32, 64)):
        inputs = [normal(*lead, n_in), normal(n_out, n_in, scale=n_in**-0.5), normal(n_out)]
        function = lambda x, weight, bias: F.relu(F.linear(x, weight, bias))
        family.case("linear", name, function, inputs, {"activation": "relu"}, terms=max(n_in, n_out, *lead))


def make():
    family = Family("matmul")
    products(family)
    dense(family)
    return family
