# SPDX-License-Identifier: MIT
"""A file includes only from its own room and from rooms to the left of it; cblas.h and yaml.h have one place each;
file names are unique in the tree; the command sees the public headers and its own only."""
import os
import re
import sys

ORDER = ["base", "tensor", "shape", "kernel", "graph", "ops", "plan", "exec", "spec", "cli"]
APART = {("shape", "kernel"), ("kernel", "shape")}
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.M)

root = os.path.join(os.environ.get("GM_SOURCE_DIR", "."), "src")
wrong = []


def sees(room, other):
    if room == "cli":
        return other == "cli"
    return ORDER.index(other) <= ORDER.index(room) and (room, other) not in APART


def check(path, room, kind, name):
    first = name.split("/")[0]
    if name == "cblas.h" and path != "kernel/gemm/openblas.c":
        return "only kernel/gemm/openblas.c includes cblas.h"
    if name == "yaml.h" and room != "spec":
        return "only src/spec includes yaml.h"
    if kind == "<":
        return None
    if first in ORDER and "/" in name:
        if not os.path.exists(os.path.join(root, name)):
            return f'there is no {name}'
        return None if sees(room, first) else f"{room} does not see {first} ({name})"
    if room == "cli" and "/" not in name and os.path.exists(os.path.join(root, room, name)):
        return None
    return f'"{name}" is not written from src/'


names = {}
files = 0
for folder, _, entries in os.walk(root):
    for entry in sorted(entries):
        if not entry.endswith((".c", ".h", ".def")):
            continue
        files += 1
        path = os.path.relpath(os.path.join(folder, entry), root)
        room = path.split(os.sep)[0]
        if entry in names:
            wrong.append(f"src/{path}: src/{names[entry]} has the same name")
        names[entry] = path
        if room not in ORDER:
            wrong.append(f"src/{path}: {room} is no room")
            continue
        text = open(os.path.join(folder, entry), encoding="utf-8").read()
        if not text.startswith("/* SPDX-License-Identifier: MIT\n"):
            wrong.append(f"src/{path}: the first line is not the licence line")
        for match in INCLUDE.finditer(text):
            reason = check(path, room, match.group(1), match.group(2))
            if reason:
                wrong.append(f"src/{path}: {reason}")

print("\n".join(wrong))
print(f"{files} files, {len(wrong)} wrong")
sys.exit(1 if wrong or files < 50 else 0)
