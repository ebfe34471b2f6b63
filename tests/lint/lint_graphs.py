# SPDX-License-Identifier: MIT
"""Every file of graphs/ documents itself, is fine by `check`, shows, plans and runs. Symbols are set by --dim, feeds
are generated, and the outputs must be there."""
import glob
import json
import os
import subprocess
import sys

gemmule, top = os.environ["GEMMULE"], os.environ.get("GM_SOURCE_DIR", ".")


def call(*arguments):
    done = subprocess.run([gemmule, *arguments], capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"gemmule {' '.join(arguments)}: exit {done.returncode}: {done.stderr.strip()}")
    return done.stdout


def run(path):
    text = open(path, encoding="utf-8").read()
    if "\ndoc:" not in text:
        raise RuntimeError(f"{path} has no doc")
    call("check", path)
    call("show", path)
    shown = json.loads(call("show", path, "--json"))
    dims = [f"--dim={symbol if isinstance(symbol, str) else symbol['name']}=6" for symbol in shown["symbols"]]
    feeds = [f"--feed={node['name']}=random:1" for node in shown["nodes"] if node["op"] == "placeholder"]
    call("plan", path)
    call("plan", path, *dims)
    result = json.loads(call("run", path, *feeds, *dims, "--json"))
    if len(result["outputs"]) != len(shown["outputs"]) or not result["outputs"]:
        raise RuntimeError(f"{path} has other outputs than it declares")


paths = sorted(glob.glob(os.path.join(top, "graphs", "**", "*.yaml"), recursive=True))
wrong = 0
for path in paths:
    try:
        run(path)
    except (RuntimeError, ValueError, KeyError) as error:
        wrong += 1
        print(error)
print(f"{len(paths)} graphs, {wrong} wrong")
sys.exit(1 if wrong or len(paths) < 6 else 0)
