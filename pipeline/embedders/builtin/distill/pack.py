"""Quantises a fitted table and writes it in the format of ../table.go.

usage: pack.py TABLE.npy MODEL.safetensors VOCAB.txt OUT.bin
"""

import hashlib
import struct
import sys

import numpy as np

UNKNOWN = 100  # the row of [UNK]
BIAS = 128
CLIP = 99.99  # percentile of the magnitudes that becomes 127


def quantise(table):
    """Returns int8 values in one scale for all, which normalised vectors need not know."""
    scale = np.percentile(np.abs(table), CLIP) / 127
    return np.clip(np.rint(table / scale), -127, 127).astype(np.int8)


def main():
    table, model, vocab, out = sys.argv[1:5]
    values = quantise(np.load(table).astype(np.float64))
    if not values[UNKNOWN].any():
        raise SystemExit("the row of [UNK] is zero: a text of unknown words has no direction")
    body = (values.astype(np.int16) + BIAS).astype(np.uint8).tobytes()
    digest = lambda path: hashlib.sha256(open(path, "rb").read()).digest()
    header = b"vlstatic" + struct.pack("<4I", 1, *values.shape, 1)
    header += digest(model) + digest(vocab) + hashlib.sha256(body).digest()
    with open(out, "wb") as f:
        f.write(header + body)
    print(len(header) + len(body), "bytes")


if __name__ == "__main__":
    main()
