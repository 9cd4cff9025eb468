"""Transposed convolutions."""

import torch.nn.functional as F

from .vectors_format.family import Family, normal

# name, input [N, C, H, W], output channels, kernel, settings
CASES = (
    ("1x1 image, 1x1 kernel", (1, 1, 1, 1), 1, (1, 1), {}),
    ("plain", (2, 3, 5, 4), 5, (3, 3), {}),
    ("no bias", (2, 3, 5, 4), 4, (3, 2), {"bias": False}),
    ("padding", (1, 3, 6, 5), 4, (3, 3), {"padding": 1}),
    ("padding larger than the kernel needs", (1, 2, 7, 8), 3, (3, 3), {"padding": [3, 2]}),
    ("stride 2", (2, 3, 4, 5), 5, (3, 3), {"stride": 2}),
    ("U-Net: 2x2 kernel, stride 2", (2, 6, 4, 5), 3, (2, 2), {"stride": 2}),
    ("DCGAN: 4x4 kernel, stride 2, padding 1", (2, 8, 4, 4), 5, (4, 4), {"stride": 2, "padding": 1}),
    ("stride 2, output padding 1", (1, 3, 4, 5), 4, (3, 3), {"stride": 2, "padding": 1, "output_padding": 1}),
    ("stride [3, 1], output padding [2, 0]", (1, 3, 3, 6), 4, (3, 3), {"stride": [3, 1], "output_padding": [2, 0]}),
    ("stride larger than the kernel", (1, 3, 3, 4), 4, (2, 2), {"stride": 3}),
    ("dilation 2", (2, 3, 5, 4), 5, (3, 3), {"dilation": 2}),
    ("dilation 3, output padding 2", (1, 3, 5, 4), 4, (3, 2), {"dilation": 3, "output_padding": 2}),
    ("dilation 2, stride 2, padding 2", (1, 3, 5, 6), 4, (3, 3), {"dilation": 2, "stride": 2, "padding": 2}),
    ("groups 2", (2, 6, 5, 4), 8, (3, 3), {"groups": 2, "padding": 1}),
    ("groups 3, stride 2", (1, 9, 4, 3), 6, (3, 3), {"groups": 3, "stride": 2}),
    ("depthwise, multiplier 2", (1, 5, 4, 5), 10, (3, 3), {"groups": 5, "stride": 2, "padding": 1}),
    ("28 wide, 32 to 16 channels", (1, 32, 5, 28), 16, (3, 3), {"padding": 1}),
    ("14 wide, 40 to 33 channels", (1, 40, 7, 14), 33, (3, 3), {"padding": 1}),
    ("5x5 kernel, 16 wide", (1, 16, 4, 16), 9, (5, 5), {"padding": 2}),
    ("7 wide, 48 to 16 channels, stride 2", (1, 48, 7, 7), 16, (4, 4), {"stride": 2, "padding": 1}),
)


def make():
    family = Family("conv_transpose2d")
    for name, shape, out, kernel, settings in CASES:
        settings = {"stride": 1, "padding": 0, "output_padding": 0, "dilation": 1, "groups": 1, **settings}
        bias = settings.pop("bias", True)
        function = lambda x, weight, bias: F.conv_transpose2d(x, weight, bias, **settings)
        attrs = {**settings, "outputPadding": settings["output_padding"]}
        del attrs["output_padding"]
        taps = kernel[0] * kernel[1]
        fan_in = shape[1] // settings["groups"] * taps
        weight = normal(shape[1], out // settings["groups"], *kernel, scale=fan_in**-0.5)
        # The gradients of weight and bias add over batch and image.
        stride = max(settings["stride"]) if isinstance(settings["stride"], list) else settings["stride"]
        terms = max(fan_in, shape[0] * shape[2] * shape[3] * stride**2)
        family.case("convTranspose2d", name, function, [normal(*shape), weight, normal(out) if bias else None], attrs, terms=terms)
    return family
