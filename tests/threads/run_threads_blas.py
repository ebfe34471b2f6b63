# SPDX-License-Identifier: MIT
"""Runs the tests that use OpenBLAS from several threads once with each of the three flavours that Debian offers:
libopenblas0-pthread, libopenblas0-openmp, libopenblas0-serial. Programs are not built anew: the loader takes the
flavour's folder first, and the program checks that it got what was meant. A flavour that is not installed is left
out, with a line that says so; without any this is a skipped test (77)."""
import glob
import os
import subprocess
import sys

PROGRAMS = ["test_threads_blas", "test_threads_products", "test_threads", "test_gemm"]
SKIPPED = 77


def folder_of(flavour):
    found = sorted(glob.glob(f"/usr/lib/*/openblas-{flavour}/libopenblas.so.0"))
    fitting = [path for path in found if os.uname().machine in path] or found
    return os.path.dirname(fitting[0]) if fitting else None


def run(flavour, folder, program):
    path = os.path.join(os.environ["GM_TOOLS"], program)
    before = os.environ.get("LD_LIBRARY_PATH")
    paths = folder if not before else f"{folder}:{before}"
    environment = dict(os.environ, LD_LIBRARY_PATH=paths, GM_FLAVOUR=flavour)
    done = subprocess.run([path], env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    print(f"{flavour}, {program}: {'fine' if done.returncode == 0 else 'wrong'}")
    if done.returncode != 0 or program == "test_threads_blas":
        print("  " + done.stdout.strip().replace("\n", "\n  "))
    return done.returncode == 0


ran, wrong = 0, 0
for flavour in ["pthread", "openmp", "serial"]:
    folder = folder_of(flavour)
    if folder is None:
        print(f"{flavour}: left out, libopenblas0-{flavour} is not installed")
        continue
    ran += 1
    wrong += sum(not run(flavour, folder, program) for program in PROGRAMS)
sys.exit(1 if wrong else 0 if ran else SKIPPED)
