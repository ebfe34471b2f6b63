#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Compares the text of thousands of seeded generated arrays with NumPy 1.24's, byte for byte; the JSON with the
arrays' values; and the files, saved again, with numpy.save's. Usage: compare_text.py FOLDER_OF_TENSOR_PRINT [COUNT]"""
import io
import json
import os
import subprocess
import sys
import tempfile

import numpy as np

DTYPES = ["bool", "int8", "uint8", "int16", "int32", "int64", "float16", "float32", "float64", "complex64",
          "complex128"]


def shape_of(rng):
    kind = rng.integers(0, 12)
    if kind == 0:
        return ()
    if kind == 1:
        return tuple(rng.integers(0, 4, rng.integers(1, 5)))
    if kind == 2:
        return tuple(rng.integers(5, 14, 3))
    if kind == 3:
        return (int(rng.integers(990, 1010)),)
    if kind == 4:
        return tuple(rng.permutation([int(rng.integers(1, 60)), int(rng.integers(20, 80))]))
    if kind == 5:
        return tuple(rng.integers(1, 5, rng.integers(4, 7)))
    if kind == 6:
        return (7, 3, 1, 8, 7)
    return tuple(rng.integers(1, 12, rng.integers(1, 4)))


def reals_of(rng, shape):
    kind = rng.integers(0, 9)
    if kind == 0:
        values = rng.integers(-1000, 1000, shape) / rng.choice([1, 2, 8, 10, 1000])
    elif kind == 1:
        values = 10.0 ** rng.uniform(-330, 308, shape) * rng.choice([-1, 1], shape)
    elif kind == 2:
        values = rng.integers(0, 2**64, shape, dtype=np.uint64).view(np.float64)
    elif kind == 3:
        values = 10.0 ** rng.integers(-6, 10, shape)
    elif kind == 4:
        values = np.full(shape, rng.choice([0.0001, 1e8, 99999999.5, 1000.0, 0.00009999, 1e16, 123456789.0, 65504, 6e-8]))
    elif kind == 5:
        values = rng.normal(size=shape) * 10.0 ** rng.integers(-40, 39)
    elif kind == 6:
        values = 2.0 ** rng.integers(-150, 128, shape)
    elif kind == 7:
        values = np.exp2(rng.integers(-26, 16, shape)) * rng.integers(1, 2048, shape)
    else:
        values = rng.normal(size=shape)
    values = np.array(values, dtype=np.float64)
    for special in (np.nan, np.inf, -np.inf, -0.0, 0.0):
        if rng.integers(0, 5) == 0:
            values[rng.random(shape) < rng.choice([0.05, 0.6, 1])] = special
    return values


def array_of(rng):
    dtype = np.dtype(rng.choice(DTYPES))
    shape = shape_of(rng)
    if dtype.kind == "b":
        return np.array(rng.integers(0, 2, shape), dtype=bool)
    if dtype.kind in "iu":
        info = np.iinfo(dtype)
        low, high = sorted(int(v) for v in rng.choice([info.min, info.max, 0, 9, 100], 2, replace=False))
        return np.array(rng.integers(low, high, shape, dtype=dtype, endpoint=True), dtype=dtype)
    with np.errstate(all="ignore"):
        if dtype.kind == "f":
            return reals_of(rng, shape).astype(dtype)
        result = np.empty(shape, dtype)
        result.real, result.imag = reals_of(rng, shape), reals_of(rng, shape)
        return result


def stored(rng, array):
    """The array as it is put into the file: now and then big endian or in Fortran order."""
    if rng.integers(0, 4) == 0:
        array = array.astype(array.dtype.newbyteorder(">"))
    return np.asfortranarray(array) if rng.integers(0, 4) == 0 and array.ndim > 1 else array


def text_of(array):
    return str(array[()]) if array.ndim == 0 else np.array2string(array)


def json_of(value):
    if isinstance(value, list):
        return [json_of(v) for v in value]
    if isinstance(value, complex):
        return [json_of(value.real), json_of(value.imag)]
    if isinstance(value, float) and not np.isfinite(value):
        return str(value)
    return value


def npy_of(array):
    stream = io.BytesIO()
    np.save(stream, np.asarray(array, order="C"))
    return stream.getvalue()


def same_json(answer, array):
    parsed = json.loads(answer)
    if array.dtype.kind == "c" and array.size > 0:
        part = array.real.dtype
        pair = np.array(np.vectorize(float, otypes=[float])(parsed), part)
        return np.array_equal(pair[..., 0], array.real, True) and np.array_equal(pair[..., 1], array.imag, True)
    if array.dtype.kind == "f" and array.size > 0:
        return np.array_equal(np.vectorize(float, otypes=[float])(parsed).astype(array.dtype), array, True)
    return parsed == json_of(array.tolist())


def next_answer(stream):
    line = stream.readline()
    if not line:
        sys.exit("the tool stopped early")
    return stream.read(int(line)).decode()


def main():
    tool = os.path.join(sys.argv[1], "tensor_print")
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 3000
    rng = np.random.default_rng(20240501)
    arrays, wrong = [array_of(rng) for _ in range(count)], 0
    with tempfile.TemporaryDirectory() as folder:
        paths = [os.path.join(folder, f"{i}.npy") for i in range(count)]
        for path, array in zip(paths, arrays):
            np.save(path, stored(rng, array))
        run = subprocess.run([tool], input="\n".join(paths).encode(), stdout=subprocess.PIPE, check=False)
        stream = io.BytesIO(run.stdout)
        for path, array in zip(paths, arrays):
            text, values = next_answer(stream), next_answer(stream)
            with open(path, "rb") as file:
                saved = file.read() == npy_of(array)
            if text == text_of(array) and same_json(values, array) and saved:
                continue
            wrong += 1
            if wrong <= 5:
                print(array.dtype, array.shape, "saved alike:", saved, "json alike:", same_json(values, array))
                print("--- ours", text, "--- NumPy's", text_of(array), sep="\n")
    print(f"{count} arrays, {wrong} differ")
    sys.exit(wrong != 0 or run.returncode != 0)


if __name__ == "__main__":
    main()
