"""Batch normalisation: single calls, and running statistics over several training steps."""

import torch
import torch.nn.functional as F

from .vectors_format.family import Family, exact, generator, normal, uniform

# name, input, affine, momentum, eps, mean of the input
CASES = (
    ("[N, C, H, W]", (4, 3, 5, 6), True, 0.1, 1e-5, 0),
    ("[N, C]", (8, 5), True, 0.1, 1e-5, 0),
    ("not affine", (3, 7, 4, 4), False, 0.1, 1e-5, 0),
    ("[N, C], not affine", (13, 3), False, 0.1, 1e-5, 0),
    ("momentum 0.3, eps 1e-3", (2, 5, 3, 3), True, 0.3, 1e-3, 0),
    ("momentum 1", (5, 2, 3, 2), True, 1.0, 1e-5, 0),
    ("33 channels, odd image", (2, 33, 7, 3), True, 0.1, 1e-5, 0),
    ("one channel", (3, 1, 9, 11), True, 0.1, 1e-5, 0),
    ("batch 1", (1, 3, 14, 14), True, 0.1, 1e-5, 0),
    ("batch 2, no image", (2, 6), True, 0.1, 1e-1, 0),
    ("far from 0", (4, 3, 6, 6), True, 0.1, 1e-5, 10),
    ("long sums", (5, 2, 14, 15), True, 0.1, 1e-5, 0),
)

# name, input
RELU = (("[N, C, H, W]", (3, 4, 5, 6)), ("[N, C]", (9, 8)))

STEPS = 6


def single_calls(family):
    for training in (True, False):
        for name, shape, affine, momentum, eps, mean in CASES:
            def function(x, weight, bias, running_mean, running_var):
                return F.batch_norm(x, running_mean, running_var, weight, bias, training, momentum, eps)
            channels = shape[1]
            inputs = [
                normal(*shape, mean=mean),
                uniform(0.5, 2, channels) if affine else None,
                normal(channels) if affine else None,
                normal(channels, mean=mean),
                uniform(0.5, 2, channels),
            ]
            attrs = {"training": training, "momentum": momentum, "eps": eps}
            label = f"{'training' if training else 'evaluation'}, {name}"
            grads = [True, affine, affine, False, False]
            # The input's gradient is a difference of larger numbers, and an input far from 0 is rounded more coarsely.
            terms = 64 * (1 + mean**2)
            family.case("batchNorm", label, function, inputs, attrs, grads=grads, updates=(3, 4) if training else (), terms=terms)


def relu_in_front(family):
    for training in (True, False):
        for name, shape in RELU:
            def function(x, weight, bias, running_mean, running_var):
                return F.batch_norm(F.relu(x), running_mean, running_var, weight, bias, training, 0.1, 1e-5)
            channels = shape[1]
            scales = [uniform(0.5, 2, channels), normal(channels), normal(channels), uniform(0.5, 2, channels)]
            attrs = {"training": training, "momentum": 0.1, "eps": 1e-5, "relu": True}
            label = f"{'training' if training else 'evaluation'}, {name}, ReLU in front"
            grads = [True, True, True, False, False]
            family.case("batchNorm", label, function, [normal(*shape), *scales], attrs, grads=grads, updates=(3, 4) if training else (), terms=64)


def running_statistics():
    """Several training steps of one layer: the input of each, and the statistics after it."""
    tensors, sequences = {}, []
    for name, shape, momentum in (
        ("images", (3, 4, 3, 2), 0.1),
        ("rows", (5, 3), 0.3),
        ("images, cumulative average", (2, 3, 2, 5), None),
    ):
        layer = (torch.nn.BatchNorm2d if len(shape) == 4 else torch.nn.BatchNorm1d)(shape[1], momentum=momentum).double()
        prefix = str(len(sequences))
        g = generator(f"batchnorm_steps/{name}")
        steps = []
        for step in range(STEPS):
            x = exact(torch.randn(shape, generator=g, dtype=torch.float64) * (1 + step) + step)
            layer(x)
            names = {"input": x, "runningMean": layer.running_mean, "runningVar": layer.running_var}
            for role, tensor in names.items():
                tensors[f"{prefix}.{step}.{role}"] = tensor.to(torch.float32)
            steps.append({role: f"{prefix}.{step}.{role}" for role in names} | {"numBatches": layer.num_batches_tracked.item()})
        sequences.append({"name": name, "channels": shape[1], "momentum": momentum, "steps": steps, "atol": 1e-6, "rtol": 1e-5})
    return tensors, {"sequences": sequences}


def make():
    family = Family("batchnorm")
    single_calls(family)
    relu_in_front(family)
    return family
