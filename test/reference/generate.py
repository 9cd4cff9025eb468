"""Writes the reference vectors: see README.md."""

import json
from pathlib import Path

import torch

from generators import batchnorm, cnn, conv2d, conv_transpose2d, elementwise, layernorm, layout, losses, matmul, optimizers, pool2d, reduce, schedulers, upsample
from generators.vectors_format.safetensors import encode

VECTORS = Path(__file__).parent / "vectors"
FAMILIES = (elementwise, reduce, layout, matmul, conv2d, conv_transpose2d, pool2d, upsample, batchnorm, layernorm, losses)


def write(name, content):
    (VECTORS / name).write_bytes(content)
    print(f"{name}: {len(content) / 1000:.0f} kB")


def main():
    torch.set_num_threads(1)
    VECTORS.mkdir(exist_ok=True)
    for module in FAMILIES:
        family = module.make()
        write(f"{family.name}.safetensors", encode(family.tensors, {"cases": family.cases}))
        print(f"  {len(family.cases)} cases")
    write("batchnorm_steps.safetensors", encode(*batchnorm.running_statistics()))
    write("optimizers.safetensors", encode(*optimizers.make()))
    write("schedulers.json", (json.dumps(schedulers.make()) + "\n").encode())
    write("cnn.safetensors", encode(*cnn.make()))


if __name__ == "__main__":
    main()
