"""Ten training steps of the MNIST network with few channels."""

import torch
from torch import nn

from .vectors_format.family import exact, generator, stored

STEPS, BATCH = 10, 8
# Chosen among 250 as the one where changing the weights by 3e-7 of themselves changes the result least (losses by 2e-5, weights by
# 6e-6): in most a unit that is on for the whole batch has a gradient of 0 but for rounding, and Adam makes a full step of any sign.
SEED = 168
CHANNELS = (8, 12)
DENSE = (32, 24)
LR = 1e-3


def model():
    """The dropout layers are there so that the indices of the state dict are those of the full network."""
    layers = []
    last = 1
    for channels in CHANNELS:
        for _ in range(2):
            layers += [nn.Conv2d(last, channels, 3, padding="same"), nn.ReLU(), nn.BatchNorm2d(channels)]
            last = channels
        layers += [nn.MaxPool2d(2), nn.Dropout(0.0)]
    layers.append(nn.Flatten())
    last *= 7 * 7
    for width in DENSE:
        layers += [nn.Linear(last, width), nn.ReLU(), nn.BatchNorm1d(width), nn.Dropout(0.0)]
        last = width
    layers.append(nn.Linear(last, 10))
    return nn.Sequential(*layers)


def batches():
    """Images of coarse blocks and noise: of noise alone all look the same to the dense layers, whose ReLUs then never switch."""
    g = generator("cnn/batches")
    for _ in range(STEPS):
        blocks = torch.randn((BATCH, 1, 4, 4), generator=g, dtype=torch.float64)
        noise = torch.randn((BATCH, 1, 28, 28), generator=g, dtype=torch.float64)
        images = blocks.repeat_interleave(7, 2).repeat_interleave(7, 3) + 0.3 * noise
        yield exact(images), torch.randint(10, (BATCH,), generator=g)


def train(net, dtype):
    """Losses of all steps and the gradients of the first."""
    net = net.to(dtype)
    adam = torch.optim.Adam(net.parameters(), lr=LR)
    losses, first = [], None
    for images, labels in batches():
        adam.zero_grad()
        loss = nn.functional.cross_entropy(net(images.to(dtype)), labels)
        loss.backward()
        first = first or {name: p.grad.clone() for name, p in net.named_parameters()}
        adam.step()
        losses.append(loss.item())
    return losses, first


def make():
    torch.manual_seed(SEED)
    net = model()
    tensors = {}

    def keep(prefix, values):
        for name, tensor in values.items():
            tensors[f"{prefix}.{name}"] = stored(tensor)

    start = {name: tensor.clone() for name, tensor in net.state_dict().items()}
    keep("initial", start)
    for step, (images, labels) in enumerate(batches()):
        keep("images", {step: images})
        keep("labels", {step: labels})
    losses, first = train(net, torch.float64)
    keep("grad", first)
    keep("final", net.state_dict())
    tolerances = {"losses": 1e-4, "weights": 3e-5, "gradOfRms": 3e-4}
    return tensors, {"network": {"steps": STEPS, "channels": CHANNELS, "dense": DENSE, "lr": LR, "losses": losses}, "tolerances": tolerances}
