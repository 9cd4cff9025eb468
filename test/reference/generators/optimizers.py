"""25 steps of every optimizer on given gradients, and gradient clipping."""

import torch

from .vectors_format.family import exact, generator
from .vectors_format.naming import options_of

STEPS = 25
EVERY = 5
SHAPES = ((3, 5), (7,))

# name, optimizer, settings, learning rates from a step on
VARIANTS = (
    ("plain", "SGD", {"lr": 0.1}, []),
    ("momentum", "SGD", {"lr": 0.05, "momentum": 0.9}, []),
    ("nesterov", "SGD", {"lr": 0.05, "momentum": 0.9, "nesterov": True}, []),
    ("dampening", "SGD", {"lr": 0.05, "momentum": 0.9, "dampening": 0.3}, []),
    ("weight decay", "SGD", {"lr": 0.1, "weight_decay": 0.1}, []),
    ("momentum, weight decay", "SGD", {"lr": 0.05, "momentum": 0.8, "weight_decay": 0.01}, []),
    ("nesterov, weight decay, lr changes", "SGD", {"lr": 0.05, "momentum": 0.9, "weight_decay": 0.01, "nesterov": True}, [[10, 0.01], [18, 0.2]]),
    ("defaults", "Adam", {}, []),
    ("larger lr", "Adam", {"lr": 0.05}, []),
    ("betas and eps", "Adam", {"lr": 0.05, "betas": (0.8, 0.95), "eps": 1e-3}, []),
    ("weight decay", "Adam", {"lr": 0.02, "weight_decay": 0.1}, []),
    ("amsgrad", "Adam", {"lr": 0.05, "amsgrad": True}, []),
    ("amsgrad, weight decay, lr changes", "Adam", {"lr": 0.05, "amsgrad": True, "weight_decay": 0.01}, [[7, 0.005], [15, 0.1]]),
    ("lr changes", "Adam", {"lr": 0.05}, [[10, 0.01], [18, 0.1]]),
    ("defaults", "AdamW", {}, []),
    ("weight decay", "AdamW", {"lr": 0.05, "weight_decay": 0.1}, []),
    ("amsgrad", "AdamW", {"lr": 0.05, "amsgrad": True, "weight_decay": 0.01}, []),
    ("lr changes", "AdamW", {"lr": 0.05, "betas": (0.85, 0.98)}, [[10, 0.01], [18, 0.1]]),
)

# name, kind, settings, scale of the gradients
CLIPS = (
    ("norm 2", "norm", {"max_norm": 1.0, "norm_type": 2.0}, 1.0),
    ("norm 2, small enough", "norm", {"max_norm": 100.0, "norm_type": 2.0}, 1.0),
    ("norm inf", "norm", {"max_norm": 0.5, "norm_type": float("inf")}, 1.0),
    ("norm inf, small enough", "norm", {"max_norm": 50.0, "norm_type": float("inf")}, 1.0),
    ("large gradients", "norm", {"max_norm": 5.0, "norm_type": 2.0}, 1e4),
    ("value", "value", {"clip_value": 0.4}, 1.0),
)


def problem():
    """Initial parameters, and gradients of very different size: some always 0, some tiny, one that dies out (for amsgrad)."""
    g = generator("optimizers")
    params = [exact(torch.randn(shape, generator=g, dtype=torch.float64)) for shape in SHAPES]
    sizes = [10.0 ** (4 * torch.rand(shape, generator=g, dtype=torch.float64) - 3) for shape in SHAPES]
    sizes[1][0] = 0
    sizes[1][1] = 1e-6
    grads = []
    for step in range(STEPS):
        noise = [torch.randn(shape, generator=g, dtype=torch.float64) + 0.3 for shape in SHAPES]
        noise[0][0] *= 0.7**step
        grads.append([exact(a * b) for a, b in zip(noise, sizes)])
    return params, grads


def run(kind, settings, changes, start, grads):
    """The parameters after each EVERY-th step."""
    params = [torch.nn.Parameter(p.clone()) for p in start]
    optimizer = getattr(torch.optim, kind)(params, **{"lr": 1e-3, **settings})
    lrs = dict(map(tuple, changes))
    seen = []
    for step, given in enumerate(grads):
        if step in lrs:
            optimizer.param_groups[0]["lr"] = lrs[step]
        for param, grad in zip(params, given):
            param.grad = grad.clone()
        optimizer.step()
        if (step + 1) % EVERY == 0:
            seen.append([p.detach().clone() for p in params])
    return seen


def clip(kind, settings, grads):
    """The clipped gradients, and the norm that they had (none where values are clipped)."""
    params = [torch.nn.Parameter(torch.zeros_like(grad)) for grad in grads]
    for param, grad in zip(params, grads):
        param.grad = grad.clone()
    if kind == "value":
        torch.nn.utils.clip_grad_value_(params, **settings)
        return [p.grad for p in params], None
    norm = torch.nn.utils.clip_grad_norm_(params, **settings)
    return [p.grad for p in params], norm.item()


def clippings(keep):
    clips = []
    for i, (name, kind, settings, scale) in enumerate(CLIPS):
        g = generator(f"clip/{name}")
        grads = [exact(torch.randn(shape, generator=g, dtype=torch.float64) * scale) for shape in (*SHAPES, (2, 3, 3, 3))]
        clipped, norm = clip(kind, settings, grads)
        options = {key: "inf" if value == float("inf") else value for key, value in options_of(settings).items()}
        clips.append({
            "name": name,
            "kind": kind,
            "options": options,
            "grads": [keep(f"clip{i}.grad{k}", t) for k, t in enumerate(grads)],
            "clipped": [keep(f"clip{i}.clipped{k}", t) for k, t in enumerate(clipped)],
            "norm": norm,
            "atol": 1e-6 * min(1.0, settings.get("max_norm", 1.0)),
            "rtol": 2e-6,
        })
    return clips


def make():
    tensors = {}

    def keep(name, tensor):
        tensors[name] = tensor.to(torch.float32)
        return name

    params, grads = problem()
    initial = [keep(f"initial{k}", p) for k, p in enumerate(params)]
    given = [[keep(f"grad{k}.{step}", grad) for k, grad in enumerate(pair)] for step, pair in enumerate(grads)]
    variants = []
    for i, (name, kind, settings, changes) in enumerate(VARIANTS):
        seen = run(kind, settings, changes, params, grads)
        variants.append({
            "name": name,
            "optimizer": kind[0].lower() + kind[1:] if kind != "SGD" else "sgd",
            "options": options_of(settings),
            "lrChanges": changes,
            "params": [[keep(f"{i}.{k}.after{EVERY * (at + 1)}", p) for k, p in enumerate(pair)] for at, pair in enumerate(seen)],
            "atol": 2e-6,
            "rtol": 2e-6,
        })
    clips = clippings(keep)
    return tensors, {"problem": {"every": EVERY, "initial": initial, "grads": given}, "variants": variants, "clips": clips}
