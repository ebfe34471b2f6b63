# SPDX-License-Identifier: MIT
"""Every symbol that the library defines for others begins with gm_; a shared library exports none of those that are
shared inside only (gm__). Usage: lint_symbols.py LIBRARY"""
import subprocess
import sys

library = sys.argv[1]
shared = ".so" in library
command = ["nm", "--defined-only", "--extern-only"] + (["--dynamic"] if shared else []) + [library]
lines = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
symbols = [line.split()[-1] for line in lines if len(line.split()) == 3]
wrong = [s for s in symbols if not s.startswith("gm_") or (shared and s.startswith("gm__"))]
print("\n".join(wrong))
print(f"{len(symbols)} symbols, {len(wrong)} wrong")
sys.exit(1 if wrong or len(symbols) < 60 else 0)
