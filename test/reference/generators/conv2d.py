"""Convolutions."""

import torch.nn.functional as F

from .vectors_format.family import Family, normal

# name, input [N, C, H, W], output channels, kernel, settings
CASES = (
    ("1x1 image, 1x1 kernel", (1, 1, 1, 1), 1, (1, 1), {}),
    ("1x1 image, 3x3 kernel, same", (1, 3, 1, 1), 5, (3, 3), {"padding": "same"}),
    ("no padding", (2, 3, 7, 9), 5, (3, 3), {}),
    ("valid", (1, 3, 6, 5), 4, (3, 2), {"padding": "valid"}),
    ("no bias", (2, 3, 6, 6), 4, (3, 3), {"padding": 1, "bias": False}),
    ("kernel as large as the image", (2, 5, 4, 3), 7, (4, 3), {}),
    ("padding larger than needed", (1, 2, 4, 4), 3, (3, 3), {"padding": [3, 2]}),
    ("batch 1, odd sizes", (1, 5, 9, 7), 13, (3, 3), {"padding": "same"}),
    ("33 channels", (1, 33, 6, 5), 7, (3, 3), {"padding": "same"}),
    ("33 output channels", (2, 3, 5, 6), 33, (3, 3), {"padding": "same"}),
    ("stride 2", (2, 3, 9, 8), 5, (3, 3), {"stride": 2, "padding": 1}),
    ("stride 2, even image", (1, 7, 8, 10), 6, (3, 3), {"stride": 2, "padding": 1}),
    ("stride 2, rows left over", (1, 3, 10, 9), 4, (2, 3), {"stride": 2}),
    ("stride [2, 1]", (2, 3, 8, 7), 5, (3, 3), {"stride": [2, 1], "padding": [1, 1]}),
    ("stride larger than the kernel", (1, 3, 10, 11), 4, (2, 2), {"stride": 3}),
    ("1x1 kernel, stride 2", (2, 7, 7, 6), 5, (1, 1), {"stride": 2}),
    ("1x1 kernel", (2, 13, 5, 7), 11, (1, 1), {}),
    ("same, even kernel", (1, 3, 6, 7), 4, (2, 2), {"padding": "same"}),
    ("same, 4x2 kernel", (2, 3, 7, 6), 5, (4, 2), {"padding": "same"}),
    ("same, dilation 2, even kernel", (1, 2, 8, 9), 3, (2, 4), {"padding": "same", "dilation": 2}),
    ("dilation 2", (2, 3, 9, 8), 5, (3, 3), {"dilation": 2}),
    ("dilation [1, 3], padded", (1, 3, 7, 9), 4, (3, 3), {"dilation": [1, 3], "padding": [1, 3]}),
    ("dilation 2, stride 2", (1, 3, 11, 10), 4, (3, 3), {"dilation": 2, "stride": 2, "padding": 2}),
    ("groups 2", (2, 6, 6, 5), 8, (3, 3), {"groups": 2, "padding": 1}),
    ("groups 3, stride 2", (1, 9, 7, 8), 6, (3, 3), {"groups": 3, "stride": 2}),
    ("groups 2, 1x1 kernel", (2, 10, 4, 4), 6, (1, 1), {"groups": 2}),
    ("depthwise", (2, 7, 6, 7), 7, (3, 3), {"groups": 7, "padding": "same"}),
    ("depthwise, multiplier 3, stride 2", (1, 5, 9, 8), 15, (3, 3), {"groups": 5, "stride": 2, "padding": 1}),
    ("7x7 kernel", (1, 3, 10, 11), 5, (7, 7), {"padding": "same"}),
    ("7x7 kernel, stride 2", (1, 3, 14, 15), 8, (7, 7), {"stride": 2, "padding": 3}),
    ("11x3 kernel", (1, 2, 13, 9), 3, (11, 3), {"padding": [5, 1]}),
    ("1x5 kernel", (1, 4, 3, 20), 6, (1, 5), {"padding": [0, 2]}),
    ("28 wide, 1 channel", (1, 1, 28, 28), 8, (3, 3), {"padding": "same"}),
    ("28 wide, 16 to 32 channels", (1, 16, 5, 28), 32, (3, 3), {"padding": "same"}),
    ("14 wide, 33 to 40 channels", (1, 33, 7, 14), 40, (3, 3), {"padding": "same"}),
    ("14 wide, batch 3, 16 to 32 channels", (3, 16, 3, 14), 32, (3, 3), {"padding": 1}),
    ("7x7 image, 16 to 48 channels", (1, 16, 7, 7), 48, (3, 3), {"padding": "same"}),
    ("30 wide", (2, 5, 5, 30), 16, (3, 3), {"padding": "same"}),
    ("9 wide, 24 to 17 channels", (2, 24, 5, 9), 17, (3, 3), {"padding": "same"}),
    ("5x5 kernel, 32 wide", (1, 6, 8, 32), 16, (5, 5), {}),
    ("wider than a tile", (1, 3, 2, 131), 9, (3, 3), {"padding": 1}),
    ("batch 17", (17, 2, 3, 4), 3, (3, 3), {"padding": 1}),
    ("65 output channels, 1x1 kernel", (1, 40, 3, 7), 65, (1, 1), {}),
    ("ReLU behind", (2, 3, 6, 5), 4, (3, 3), {"stride": 2, "activation": "relu"}),
    ("ReLU behind, 28 wide", (1, 3, 4, 28), 16, (3, 3), {"padding": "same", "activation": "relu"}),
)


def make():
    family = Family("conv2d")
    for name, shape, out, kernel, settings in CASES:
        attrs = {"stride": 1, "padding": 0, "dilation": 1, "groups": 1, **settings}
        bias = attrs.pop("bias", True)
        settings = {key: value for key, value in attrs.items() if key != "activation"}
        behind = F.relu if "activation" in attrs else lambda y: y
        function = lambda x, weight, bias: behind(F.conv2d(x, weight, bias, **settings))
        fan_in = shape[1] // attrs["groups"] * kernel[0] * kernel[1]
        weight = normal(out, shape[1] // attrs["groups"], *kernel, scale=fan_in**-0.5)
        # The weight's gradient adds over batch and image, the bias's too.
        terms = max(fan_in, shape[0] * shape[2] * shape[3])
        family.case("conv2d", name, function, [normal(*shape), weight, normal(out) if bias else None], attrs, terms=terms)
    return family
