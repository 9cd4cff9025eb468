"""Writer of the safetensors format: 8 bytes of header length, a JSON header, the data of all tensors."""

import array
import json
import struct

import torch

# The name in the file and the code of Python's array.
TYPES = {torch.float32: ("F32", "f"), torch.int32: ("I32", "i")}


def encode(tensors, metadata):
    """The bytes of a file that holds `tensors` (float32 or int32, by name) and `metadata` (JSON values, by name)."""
    header = {"__metadata__": {key: json.dumps(value, separators=(",", ":")) for key, value in metadata.items()}}
    blobs = []
    end = 0
    for name, tensor in tensors.items():
        dtype, code = TYPES[tensor.dtype]
        blob = array.array(code, tensor.detach().flatten().tolist()).tobytes()
        header[name] = {"dtype": dtype, "shape": list(tensor.shape), "data_offsets": [end, end + len(blob)]}
        blobs.append(blob)
        end += len(blob)
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text)) + text + b"".join(blobs)
