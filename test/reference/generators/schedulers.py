"""The learning rate after each step of every scheduler, in float64 (and of OneCycleLR the momentum)."""

import warnings

import torch
from torch.optim import lr_scheduler

from .vectors_format.family import generator
from .vectors_format.naming import options_of

STEPS = 70

# name, scheduler, settings, initial lr
CASES = (
    ("StepLR", {"step_size": 7}, 0.1),
    ("StepLR", {"step_size": 10, "gamma": 0.5}, 0.03),
    ("MultiStepLR", {"milestones": [3, 17, 18, 50], "gamma": 0.3}, 0.1),
    ("MultiStepLR", {"milestones": [5, 5, 40]}, 0.1),
    ("ExponentialLR", {"gamma": 0.93}, 0.1),
    ("CosineAnnealingLR", {"T_max": 70}, 0.1),
    ("CosineAnnealingLR", {"T_max": 20, "eta_min": 0.004}, 0.1),
    ("LinearLR", {}, 0.1),
    ("LinearLR", {"start_factor": 0.1, "end_factor": 0.7, "total_iters": 25}, 0.02),
    ("OneCycleLR", {"max_lr": 0.1, "total_steps": 71}, 0.1),
    ("OneCycleLR", {"max_lr": 0.5, "total_steps": 71, "pct_start": 0.4, "anneal_strategy": "linear"}, 0.1),
    ("OneCycleLR", {"max_lr": 0.2, "total_steps": 71, "three_phase": True, "div_factor": 10.0, "final_div_factor": 50.0}, 0.1),
    ("OneCycleLR", {"max_lr": 0.2, "total_steps": 71, "three_phase": True, "anneal_strategy": "linear", "pct_start": 0.25}, 0.1),
    ("OneCycleLR", {"max_lr": 0.3, "epochs": 7, "steps_per_epoch": 11, "base_momentum": 0.8, "max_momentum": 0.99}, 0.1),
    ("OneCycleLR", {"max_lr": 0.3, "total_steps": 71, "cycle_momentum": False}, 0.1),
)

PLATEAU = (
    {},
    {"factor": 0.5, "patience": 3},
    {"mode": "max", "factor": 0.3, "patience": 2},
    {"patience": 2, "threshold": 0.05, "threshold_mode": "abs"},
    {"mode": "max", "patience": 2, "threshold": 0.1, "threshold_mode": "abs", "factor": 0.6},
    {"patience": 1, "cooldown": 4, "factor": 0.5},
    {"patience": 1, "cooldown": 2, "factor": 0.2, "min_lr": 0.003},
    {"patience": 0, "factor": 0.5, "eps": 0.02},
    {"mode": "max", "patience": 4, "threshold": 0.2, "threshold_mode": "rel", "cooldown": 1},
)

SEQUENCES = (
    ([("LinearLR", {"start_factor": 0.1, "total_iters": 10}), ("CosineAnnealingLR", {"T_max": 60})], [10]),
    ([("LinearLR", {"start_factor": 0.5, "total_iters": 5}), ("ExponentialLR", {"gamma": 0.9}), ("StepLR", {"step_size": 8})], [6, 30]),
)


def optimizer_of(kind, lr):
    param = [torch.nn.Parameter(torch.zeros(1))]
    return torch.optim.SGD(param, lr, momentum=0.9) if kind == "sgd" else torch.optim.Adam(param, lr)


def state(optimizer):
    group = optimizer.param_groups[0]
    return group["lr"], group["betas"][0] if "betas" in group else group["momentum"]


def trace(scheduler, optimizer, metrics=None):
    """Learning rate and momentum at the beginning and after each step."""
    seen = [state(optimizer)]
    for step in range(STEPS):
        optimizer.step()
        scheduler.step() if metrics is None else scheduler.step(metrics[step])
        seen.append(state(optimizer))
    return {"lr": [lr for lr, _ in seen], "momentum": [momentum for _, momentum in seen]}


def metrics_of(mode):
    """A loss that falls, stalls for long and falls again, with noise; or the same as a score that rises."""
    g = generator("metrics")
    noise = torch.randn(STEPS, generator=g, dtype=torch.float64) * 0.02
    losses = [1.0 / (1 + 0.2 * min(step, 12) + 0.2 * max(0, step - 45)) + 0.1 for step in range(STEPS)]
    sign = 1 if mode == "min" else -1
    return [round(sign * loss + n, 6) + (0 if mode == "min" else 2) for loss, n in zip(losses, noise.tolist())]


def build(name, settings, optimizer):
    return getattr(lr_scheduler, name)(optimizer, **settings)


def case(name, optimizer, lr, options, traced, **more):
    if name != "OneCycleLR":
        traced = {"lr": traced["lr"]}
    label = more.pop("label", None) or ", ".join(f"{key} {value}" for key, value in options.items()) or "defaults"
    return {"scheduler": name, "name": label, "optimizer": optimizer, "lr0": lr, "options": options, **traced, **more}


def make():
    warnings.simplefilter("ignore", UserWarning)
    cases = []
    for name, settings, lr in CASES:
        # OneCycleLR calls Adam's beta1 its momentum.
        for kind in ("sgd", "adam") if "base_momentum" in settings else ("sgd",):
            optimizer = optimizer_of(kind, lr)
            cases.append(case(name, kind, lr, options_of(settings), trace(build(name, settings, optimizer), optimizer)))
    for settings in PLATEAU:
        optimizer = optimizer_of("sgd", 0.1)
        metrics = metrics_of(settings.get("mode", "min"))
        traced = trace(build("ReduceLROnPlateau", settings, optimizer), optimizer, metrics)
        cases.append(case("ReduceLROnPlateau", "sgd", 0.1, options_of(settings), traced, metrics=metrics))
    for parts, milestones in SEQUENCES:
        optimizer = optimizer_of("sgd", 0.1)
        built = [build(name, settings, optimizer) for name, settings in parts]
        traced = trace(lr_scheduler.SequentialLR(optimizer, built, milestones), optimizer)
        options = {"schedulers": [{"scheduler": name, "options": options_of(s)} for name, s in parts], "milestones": milestones}
        cases.append(case("SequentialLR", "sgd", 0.1, options, traced, label=" then ".join(name for name, _ in parts)))
    return {"steps": STEPS, "cases": cases}
