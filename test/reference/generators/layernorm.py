"""Layer normalisation."""

import torch.nn.functional as F

from .vectors_format.family import Family, normal

# name, input, normalised shape, weight, bias, eps, mean of the input
CASES = (
    ("rows", (7, 10), (10,), True, True, 1e-5, 0),
    ("without weight and bias", (5, 6), (6,), False, False, 1e-5, 0),
    ("weight alone", (5, 6), (6,), True, False, 1e-5, 0),
    ("bias alone", (5, 6), (6,), False, True, 1e-5, 0),
    ("tokens", (2, 5, 16), (16,), True, True, 1e-5, 0),
    ("two axes", (3, 4, 5), (4, 5), True, True, 1e-5, 0),
    ("all axes", (3, 4), (3, 4), True, True, 1e-5, 0),
    ("a large eps", (4, 9), (9,), True, True, 0.5, 0),
    ("a mean far from 0", (4, 33), (33,), True, True, 1e-5, 20),
    ("many rows", (300, 3), (3,), True, True, 1e-3, 0),
    ("long rows", (2, 700), (700,), True, True, 1e-5, 0),
)


def make():
    family = Family("layernorm")
    for name, shape, last, weight, bias, eps, mean in CASES:
        function = lambda x, w, b: F.layer_norm(x, last, w, b, eps)
        inputs = [normal(*shape, mean=mean), normal(*last) if weight else None, normal(*last) if bias else None]
        family.case("layerNorm", name, function, inputs, {"shape": list(last), "eps": eps}, atol=1e-4 if mean or eps == 1e-3 else 1e-5)
    return family
