"""Pooling."""

import torch.nn.functional as F

from .vectors_format.family import Family, grid, normal

# name, input, kernel, stride, padding, dilation
MAX = (
    ("2x2", (2, 3, 6, 8), 2, 2, 0, 1),
    ("2x2, odd image", (1, 3, 7, 5), 2, 2, 0, 1),
    ("28 wide", (1, 2, 28, 28), 2, 2, 0, 1),
    ("3x3, overlap", (2, 2, 7, 8), 3, 2, 0, 1),
    ("3x3, stride 1, padded", (1, 3, 5, 6), 3, 1, 1, 1),
    ("[3, 2] kernel, [2, 1] stride", (2, 3, 8, 5), [3, 2], [2, 1], [1, 0], 1),
    ("dilation 2", (1, 2, 9, 8), 3, 1, 1, 2),
    ("dilation [1, 3], stride 2", (1, 2, 8, 11), 2, 2, 0, [1, 3]),
    ("stride larger than the kernel", (1, 3, 9, 10), 2, 3, 0, 1),
    ("1x1", (2, 3, 4, 5), 1, 1, 0, 1),
    ("the whole image", (2, 3, 4, 5), [4, 5], [4, 5], 0, 1),
)

# name, input, kernel, stride, padding, countIncludePad
AVERAGE = (
    ("2x2", (2, 3, 6, 8), 2, 2, 0, True),
    ("2x2, odd image", (1, 3, 7, 5), 2, 2, 0, True),
    ("3x3, overlap", (2, 2, 7, 8), 3, 2, 0, True),
    ("3x3, padding counts", (1, 3, 6, 6), 3, 2, 1, True),
    ("3x3, padding does not count", (1, 3, 6, 6), 3, 2, 1, False),
    ("[3, 2] kernel, [1, 2] stride, padding does not count", (2, 3, 5, 7), [3, 2], [1, 2], [1, 1], False),
    ("stride larger than the kernel", (1, 3, 9, 10), 2, 3, 0, True),
)


def maxima(family):
    for name, shape, kernel, stride, padding, dilation in MAX:
        function = lambda x: F.max_pool2d(x, kernel, stride, padding, dilation)
        attrs = {"kernel": kernel, "stride": stride, "padding": padding, "dilation": dilation}
        family.case("maxPool2d", name, function, [normal(*shape)], attrs, terms=9)
    for name, stride in (("first of equal ones", 2), ("first of equal ones, overlap", 1)):
        function = lambda x: F.max_pool2d(x, 2, stride)
        attrs = {"kernel": 2, "stride": stride, "padding": 0, "dilation": 1}
        family.case("maxPool2d", name, function, [grid(0, 2, 2, 3, 6, 7)], attrs)
    negative = lambda x: F.max_pool2d(x, 3, 2, 1)
    attrs = {"kernel": 3, "stride": 2, "padding": 1, "dilation": 1}
    family.case("maxPool2d", "padding loses against negative numbers", negative, [normal(1, 2, 6, 7, mean=-8)], attrs)


def averages(family):
    for name, shape, kernel, stride, padding, count in AVERAGE:
        function = lambda x: F.avg_pool2d(x, kernel, stride, padding, count_include_pad=count)
        attrs = {"kernel": kernel, "stride": stride, "padding": padding, "countIncludePad": count}
        family.case("avgPool2d", name, function, [normal(*shape)], attrs)
    for shape in ((2, 3, 5, 7), (1, 1, 1, 1), (3, 13, 7, 7)):
        function = lambda x: F.adaptive_avg_pool2d(x, 1)
        family.case("globalAvgPool2d", f"{list(shape)}", function, [normal(*shape)])


def make():
    family = Family("pool2d")
    maxima(family)
    averages(family)
    return family
