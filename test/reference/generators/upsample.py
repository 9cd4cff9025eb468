"""Changes of an image's size."""

import torch.nn.functional as F

from .vectors_format.family import Family, normal

# name, input [N, C, H, W], height and width of the result
CASES = (
    ("twice", (2, 3, 4, 5), (8, 10)),
    ("three times", (1, 2, 3, 3), (9, 9)),
    ("a height and a width", (1, 2, 4, 6), (7, 9)),
    ("smaller", (2, 2, 9, 11), (4, 5)),
    ("larger and smaller", (1, 3, 5, 8), (11, 3)),
    ("the same", (1, 1, 4, 4), (4, 4)),
    ("to one row", (1, 2, 5, 4), (1, 6)),
    ("from one element", (2, 2, 1, 1), (3, 4)),
    ("much larger", (1, 1, 3, 2), (31, 17)),
    ("much smaller", (1, 1, 31, 17), (3, 2)),
)


def make():
    family = Family("upsample")
    for name, shape, size in CASES:
        for mode, corners in (("nearest", None), ("bilinear", False), ("bilinear", True)):
            function = lambda x: F.interpolate(x, size=size, mode=mode, align_corners=corners)
            attrs = {"size": list(size), "mode": mode, "alignCorners": bool(corners)}
            title = f"{name}, {mode}{', corners' if corners else ''}"
            family.case("upsample", title, function, [normal(*shape)], attrs, atol=2e-5)
    for mode in ("nearest", "bilinear"):
        function = lambda x: F.interpolate(x, scale_factor=(2, 3), mode=mode)
        family.case("upsample", f"factors, {mode}", function, [normal(1, 2, 3, 4)], {"scaleFactor": [2, 3], "mode": mode}, atol=2e-5)
    return family
