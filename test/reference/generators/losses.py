"""Softmax and the losses."""

import torch.nn.functional as F

from .family import Family, fixed, integers, normal

SOFTMAX = (
    ("rows", (7, 10), -1, 1),
    ("columns", (9, 4), 0, 1),
    ("channels of an image", (2, 5, 3, 4), 1, 1),
    ("one class", (3, 1), 1, 1),
    ("long rows", (1, 1031), 1, 3),
    ("33 classes", (5, 33), -1, 1),
    ("large logits", (6, 11), 1, 100),
    ("a vector", (13,), 0, 1),
)

# name, logits, label smoothing, reduction, scale of the logits
CROSS_ENTROPY = (
    ("mean", (8, 10), 0.0, "mean", 1),
    ("sum", (5, 3), 0.0, "sum", 1),
    ("none", (7, 10), 0.0, "none", 1),
    ("smoothing, mean", (8, 10), 0.1, "mean", 1),
    ("smoothing, sum", (4, 7), 0.3, "sum", 1),
    ("smoothing, none", (6, 5), 0.1, "none", 1),
    ("batch 1", (1, 10), 0.0, "mean", 1),
    ("2 classes", (65, 2), 0.0, "mean", 1),
    ("large logits", (6, 11), 0.0, "mean", 100),
    ("large logits, smoothing", (6, 11), 0.1, "none", 100),
    ("1000 classes", (2, 1000), 0.0, "mean", 3),
    ("[N, C, d1]", (3, 5, 7), 0.0, "mean", 1),
    ("[N, C, d1], smoothing, none", (2, 4, 6), 0.2, "none", 1),
    ("[N, C, d1], sum", (2, 3, 5), 0.0, "sum", 1),
)


def softmaxes(family):
    for op, rule in (("softmax", F.softmax), ("logSoftmax", F.log_softmax)):
        for name, shape, axis, scale in SOFTMAX:
            function = lambda x: rule(x, axis)
            family.case(op, name, function, [normal(*shape, scale=scale)], {"axis": axis})
        extreme = [[1e4, 0.0, -1e4], [-1e4, -1e4, -1e4], [88.0, 89.0, 90.0], [0.0, -104.0, 1.0]]
        family.case(op, "extreme logits", lambda x: rule(x, 1), [fixed(extreme)], {"axis": 1})


def targets_of(shape):
    return integers(shape[1], shape[0], *shape[2:])


def cross_entropies(family):
    for name, shape, smoothing, reduction, scale in CROSS_ENTROPY:
        function = lambda x, target: F.cross_entropy(x, target, label_smoothing=smoothing, reduction=reduction)
        inputs = [normal(*shape, scale=scale), targets_of(shape)]
        attrs = {"labelSmoothing": smoothing, "reduction": reduction}
        family.case("crossEntropy", name, function, inputs, attrs)


def other_losses(family):
    for reduction in ("mean", "sum", "none"):
        nll = lambda x, target: F.nll_loss(x, target, reduction=reduction)
        for shape in ((6, 5), (2, 4, 3)):
            family.case("nllLoss", f"{list(shape)}, {reduction}", nll, [normal(*shape), targets_of(shape)], {"reduction": reduction})
        mse = lambda x, target: F.mse_loss(x, target, reduction=reduction)
        for shape in ((7, 3), (13, 21)):
            family.case("mseLoss", f"{list(shape)}, {reduction}", mse, [normal(*shape), normal(*shape)], {"reduction": reduction})


def make():
    family = Family("losses")
    softmaxes(family)
    cross_entropies(family)
    other_losses(family)
    return family
