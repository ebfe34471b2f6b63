# SPDX-License-Identifier: MIT
"""Random tensors against NumPy: the uniform ones bit by bit, the normal ones to a few units in the last place.

compare_random.py FOLDER: FOLDER holds the program random_dump.
"""
import os
import subprocess
import sys
import tempfile

import numpy as np

SEEDS = [0, 1, 7, 12345, 2**32, 2**63 + 5, 2**64 - 1]
BOUNDS = [(0.0, 1.0), (-1.0, 1.0), (-0.1, 0.1), (3.0, 1e10), (0.3, 0.3)]
SHAPES = [(1,), (0, 3), (2, 3), (255,), (257,), (3, 5, 7), (100001,)]


def dump(program, path, dtype, shape, kind, a, b, seed):
    words = [path, dtype, ",".join(map(str, shape)), kind, repr(a), repr(b), str(seed)]
    subprocess.run([program] + words, check=True)
    return np.load(path)


def draws(seed, count, dtype):
    return np.random.Generator(np.random.Philox(key=seed)).random(count, dtype)


def uniform(dtype, shape, low, high, seed):
    """low_T + T(high - low) * r, in the dtype that is drawn."""
    drawn = np.float64 if dtype == "float64" else np.float32
    r = draws(seed, int(np.prod(shape)), drawn).reshape(shape)
    return (drawn(low) + drawn(high - low) * r).astype(dtype)


def normal(dtype, shape, mean, scale, seed):
    u = draws(seed, 2 * int(np.prod(shape)), np.float64)
    z = np.sqrt(-2 * np.log1p(-u[0::2])) * np.cos(2 * np.pi * u[1::2])
    return (mean + scale * z).reshape(shape).astype(dtype)


def same_bits(a, b):
    return a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()


def compare_uniform(program, path):
    wrong = 0
    for dtype in ["float32", "float64", "float16", "int8", "int32", "int64", "bool", "complex64", "complex128"]:
        for number, shape in enumerate(SHAPES):
            for seed in SEEDS:
                low, high = BOUNDS[(number + seed) % len(BOUNDS)]
                if high > 100 and not dtype.startswith("float"):
                    low, high = -100.0, 27.5
                if dtype == "float16":
                    high = min(high, 60000.0)
                got = dump(program, path, dtype, shape, "uniform", low, high, seed)
                if not same_bits(got, uniform(dtype, shape, low, high, seed)):
                    wrong += 1
                    print(f"uniform {dtype} {shape} [{low}, {high}) seed {seed} differs")
    return wrong


def compare_normal(program, path):
    wrong = 0
    for dtype, rtol in [("float32", 2e-7), ("float64", 1e-14)]:
        for shape in SHAPES:
            for seed in SEEDS:
                got = dump(program, path, dtype, shape, "normal", 0.5, 2.0, seed)
                if not np.allclose(got, normal(dtype, shape, 0.5, 2.0, seed), rtol=rtol, atol=rtol):
                    wrong += 1
                    print(f"normal {dtype} {shape} seed {seed} differs")
    return wrong


def main():
    program = os.path.join(sys.argv[1], "random_dump")
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "random.npy")
        wrong = compare_uniform(program, path) + compare_normal(program, path)
    print(f"{wrong} differ")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
