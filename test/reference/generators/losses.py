"""Softmax and the losses."""

import torch.nn.functional as F

from .vectors_format.family import Family, fixed, integers, normal, uniform

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


def pair_losses(family):
    for reduction in ("mean", "sum", "none"):
        attrs = {"reduction": reduction}
        for shape in ((7, 3), (4, 6)):
            pair = [normal(*shape, scale=2), normal(*shape)]
            name = f"{list(shape)}, {reduction}"
            family.case("l1Loss", name, lambda x, y: F.l1_loss(x, y, reduction=reduction), pair, attrs)
            for beta in (1.0, 0.3, 0.0):
                smooth = lambda x, y: F.smooth_l1_loss(x, y, reduction=reduction, beta=beta)
                family.case("smoothL1", f"{name}, beta {beta}", smooth, pair, {**attrs, "beta": beta})
            bce = lambda x, y: F.binary_cross_entropy_with_logits(x, y, reduction=reduction)
            family.case("bceWithLogits", name, bce, [normal(*shape, scale=4), uniform(0, 1, *shape)], attrs)
    extreme = [fixed([-200.0, -30.0, -5.0, 0.0, 5.0, 30.0, 200.0, 1e30]), fixed([1.0, 0.0, 0.25, 0.5, 1.0, 1.0, 0.0, 0.5])]
    none = lambda x, y: F.binary_cross_entropy_with_logits(x, y, reduction="none")
    family.case("bceWithLogits", "extreme logits", none, extreme, {"reduction": "none"})
    equal = [fixed([1.0, 2.0, -3.0]), fixed([1.0, 2.5, -3.0])]
    family.case("l1Loss", "equal elements", lambda x, y: F.l1_loss(x, y), equal, {})


def divergences(family):
    for reduction in ("mean", "sum", "none", "batchmean"):
        for log_target, target in ((False, uniform(0.05, 1, 5, 7)), (True, uniform(-4, 0, 5, 7))):
            function = lambda x, y: F.kl_div(x, y, reduction=reduction, log_target=log_target)
            attrs = {"reduction": reduction, "logTarget": log_target}
            family.case("klDiv", f"{reduction}, log target {log_target}", function, [uniform(-5, 0, 5, 7), target], attrs)
    zero = [fixed([-1.0, -2.0, -0.5]), fixed([0.5, 0.0, 0.5])]
    family.case("klDiv", "a target of 0", lambda x, y: F.kl_div(x, y, reduction="sum"), zero, {"reduction": "sum"}, grads=[True, False])


def make():
    family = Family("losses")
    softmaxes(family)
    cross_entropies(family)
    other_losses(family)
    pair_losses(family)
    divergences(family)
    return family
