# SPDX-License-Identifier: MIT
"""The README's examples run exactly as they stand there. A block of C or YAML whose first line is a comment with a
file name becomes that file; a console block runs line by line, each `$ command` printing exactly what follows it.
Every operation and every pass stands in its table. All this in a folder with a copy of graphs/, with the build installed beside it.
Usage: lint_readme.py BUILD_DIR [README]"""
import os
import re
import shutil
import subprocess
import sys
import tempfile

build, top = sys.argv[1], os.environ.get("GM_SOURCE_DIR", ".")
readme = sys.argv[2] if len(sys.argv) > 2 else os.path.join(top, "README.md")
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.M | re.S)
NAME = re.compile(r"^(?:#|/\*) (\S+\.(?:c|yaml))\b")


# The name of the kernel of native products is the processor's; in a column of width 6.
NATIVE = re.compile(r"\bavx512|\bavx2  |\bvector")


def steps(text):
    command, wanted = None, []
    for line in text.splitlines():
        if line.startswith("$ "):
            if command:
                yield command, wanted
            command, wanted = line[2:], []
        else:
            wanted.append(line)
    if command:
        yield command, wanted


def environment(prefix):
    places = [os.path.join(prefix, "lib")]
    places += [os.path.join(places[0], name) for name in os.listdir(places[0])]
    found = dict(os.environ, PATH=os.path.join(prefix, "bin") + ":" + os.environ["PATH"], COLUMNS="500")
    found["PKG_CONFIG_PATH"] = ":".join(os.path.join(place, "pkgconfig") for place in places)
    found["LD_LIBRARY_PATH"] = ":".join(places)
    return found


def run_block(text, folder, env):
    wrong = 0
    for command, wanted in steps(text):
        done = subprocess.run(["bash", "-c", command], cwd=folder, env=env, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True)
        got = done.stdout.splitlines()
        if [NATIVE.sub("native", line) for line in got] != [NATIVE.sub("native", line) for line in wanted]:
            wrong += 1
            print(f"$ {command}\n--- README\n" + "\n".join(wanted) + "\n--- printed\n" + "\n".join(got))
    return wrong


def rows_missing(text, what, names):
    missing = [name for name in names if f"| `{name}` |" not in text]
    for name in missing:
        print(f"the {what} {name} is not in the table of the README")
    return len(missing)


def operations(gemmule):
    listed = subprocess.run([gemmule, "ops"], check=True, capture_output=True, text=True).stdout.splitlines()
    return [line.split()[0] for line in listed]


def passes():
    with open(os.path.join(top, "src", "plan", "passes.def"), encoding="utf-8") as table:
        return re.findall(r"^GM_PASS\((\w+)\)", table.read(), re.M)


with tempfile.TemporaryDirectory() as work:
    prefix, folder = os.path.join(work, "prefix"), os.path.join(work, "here")
    subprocess.run(["cmake", "--install", build, "--prefix", prefix], check=True, stdout=subprocess.DEVNULL)
    os.mkdir(folder)
    shutil.copytree(os.path.join(top, "graphs"), os.path.join(folder, "graphs"))
    whole = open(readme, encoding="utf-8").read()
    wrong, ran = rows_missing(whole, "operation", operations(os.path.join(prefix, "bin", "gemmule"))), 0
    wrong += rows_missing(whole, "pass", passes())
    for language, text in BLOCK.findall(whole):
        name = NAME.match(text)
        if language in ("c", "yaml") and name:
            with open(os.path.join(folder, name.group(1)), "w", encoding="utf-8") as file:
                file.write(text)
        if language == "console":
            wrong += run_block(text, folder, environment(prefix))
            ran += text.count("\n$ ") + text.startswith("$ ")
print(f"{ran} commands, {wrong} wrong")
sys.exit(1 if wrong or ran < 5 else 0)
