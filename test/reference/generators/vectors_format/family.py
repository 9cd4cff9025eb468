"""Collects the cases of one file: runs each op in float64, stores inputs, output and gradients in float32."""

import math
import zlib

import torch


# Less than any difference of two floats of the size met here.
NOTHING = 1e-12


def exact(tensor):
    """Float64 numbers that float32 can hold, so that both sides of a comparison begin with the same inputs."""
    return tensor.to(torch.float32).to(torch.float64) if tensor.is_floating_point() else tensor


def generator(label):
    return torch.Generator().manual_seed(zlib.crc32(label.encode()))


def normal(*shape, scale=1.0, mean=0.0):
    return lambda g: torch.randn(shape, generator=g, dtype=torch.float64) * scale + mean


def uniform(low, high, *shape):
    return lambda g: torch.rand(shape, generator=g, dtype=torch.float64) * (high - low) + low


def integers(high, *shape):
    """Indices below `high`."""
    return lambda g: torch.randint(high, shape, generator=g)


def grid(low, high, *shape):
    """Whole numbers from low to high as floats: many ties."""
    return lambda g: torch.randint(low, high + 1, shape, generator=g).to(torch.float64)


def fixed(data):
    """The given numbers; whole numbers are indices."""
    tensor = torch.tensor(data)
    return lambda g: tensor.to(torch.float64) if tensor.is_floating_point() else tensor


def stored(tensor):
    return tensor.detach().to(torch.float32 if tensor.is_floating_point() else torch.int32).contiguous()


def rounding(tensor, terms):
    """
    What a float32 sum of `terms` numbers may be off by: such a sum is as large as sqrt(terms) of them, and the error of adding up
    one by one grows with sqrt(terms) once more.
    """
    rms = tensor.detach().to(torch.float64).square().mean().sqrt().item()
    return max(1e-7, float(f"{1.5e-6 * rms * max(1.0, math.sqrt(terms) / 8):.2g}"))


class Family:
    def __init__(self, name):
        self.name = name
        self.tensors = {}
        self.cases = []

    def case(self, op, name, function, inputs, attrs=None, *, grads=None, updates=(), terms=None, atol=1e-6, rtol=1e-5, moves=False):
        """
        Adds one case. `inputs` are makers such as normal(2, 3), or None for an absent argument; `grads` says which inputs have a
        gradient (default: every float one, none if the output is no float); `updates` lists the inputs that the op overwrites.
        The tolerance is `atol` everywhere; with `terms`, what fits sums of so many terms; with `moves`, none, as for an op that
        only moves elements or picks among them.
        """
        label = f"{self.name}/{op}/{name}"
        if moves:
            atol, rtol = NOTHING, 0
        g = generator(label)
        made = [None if maker is None else exact(maker(g)) for maker in inputs]
        run = evaluate(function, made, g, grads, updates)
        self.check_float32(label, function, run, updates, lambda t: self.atol(t, terms, atol), rtol)
        prefix = f"{len(self.cases)}"
        keep = lambda role, tensor: self.keep(f"{prefix}.{role}", tensor)
        self.cases.append({
            "op": op,
            "name": name,
            "inputs": [keep(f"input{i}", tensor) for i, tensor in enumerate(made)],
            "attrs": attrs or {},
            "output": keep("output", run["output"]),
            "upstream": keep("upstream", run["upstream"]),
            "grads": [keep(f"grad{i}", grad) for i, grad in enumerate(run["grads"])],
            "updates": [keep(f"updated{i}", tensor) for i, tensor in enumerate(run["updated"])],
            "atol": self.atol(run["output"], terms, atol),
            "gradAtol": [None if grad is None else self.atol(grad, terms, atol) for grad in run["grads"]],
            "rtol": rtol,
        })

    def keep(self, name, tensor):
        if tensor is None:
            return None
        self.tensors[name] = stored(tensor)
        return name

    @staticmethod
    def atol(tensor, terms, atol):
        if not tensor.is_floating_point():
            return 0
        return atol if terms is None else rounding(tensor, terms)

    @staticmethod
    def check_float32(label, function, run, updates, atol_of, rtol):
        """PyTorch's own float32 must pass with room to spare, else the tolerance is one that nobody can keep."""
        single = evaluate(function, [to_float32(t) for t in run["inputs"]], None, run["wanted"], updates, run["upstream"])
        for role in ("output", "grads", "updated"):
            pairs = [(run[role], single[role])] if role == "output" else zip(run[role], single[role])
            for truth, got in pairs:
                if truth is None or not truth.is_floating_point():
                    continue
                ratio = ((got.to(torch.float64) - truth).abs() / (atol_of(truth) + rtol * truth.abs())).max().item()
                if ratio > 0.7:
                    raise SystemExit(f"{label}: {role}: PyTorch's float32 takes {ratio:.2f} of the tolerance")


def to_float32(tensor):
    return tensor.to(torch.float32) if tensor is not None and tensor.is_floating_point() else tensor


def evaluate(function, inputs, g, wanted, updates, upstream=None):
    """Runs `function` forward and, for the inputs in `wanted`, backward from a random gradient."""
    if wanted is None:
        wanted = [t is not None and t.is_floating_point() for t in inputs]
    leaves = [t if t is None else t.clone().requires_grad_(want) for t, want in zip(inputs, wanted)]
    output = function(*leaves)
    grads = [None] * len(inputs)
    if output.requires_grad:
        if upstream is None:
            upstream = exact(torch.randn(output.shape, generator=g, dtype=torch.float64))
        which = [i for i, want in enumerate(wanted) if want]
        results = torch.autograd.grad(output, [leaves[i] for i in which], upstream.to(output.dtype))
        for i, result in zip(which, results):
            grads[i] = result
    updated = [t.detach() if i in updates else None for i, t in enumerate(leaves)] if updates else []
    return {
        "inputs": inputs,
        "output": output.detach(),
        "upstream": upstream,
        "grads": grads,
        "updated": updated,
        "wanted": wanted,
    }
