#!/usr/bin/python3
# SPDX-License-Identifier: MIT
#
# The command from outside: exit code, stdout and stderr, exactly. A case is a block of cases.txt:
#
#     # what it shows
#     $ gemmule ARGUMENTS        (shell words; $GRAPHS is the folder of the project's graphs; < FILE feeds stdin)
#     stdout, as it must be; "2> line" for stderr; a line "..." stands for any lines
#     = EXIT CODE                (0 when absent)
#
# Files that cases use are made in a new folder, the working folder of all: see `make_files`. What needs more than a
# table (closed streams, signals, written files, JSON) is a function below.
#
#     run_cli.py GEMMULE [SOURCE_DIR]
import json
import os
import re
import resource
import shlex
import signal
import struct
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
GEMMULE = os.path.abspath(sys.argv[1])
SOURCE = os.path.abspath(sys.argv[2]) if len(sys.argv) > 2 else os.path.dirname(os.path.dirname(HERE))
GRAPHS = os.path.join(SOURCE, "graphs")


def npy(path, descr, shape, data):
    header = "{'descr': '%s', 'fortran_order': False, 'shape': %r, }" % (descr, shape)
    header = header.ljust(128 - 10 - 1) + "\n"
    with open(path, "wb") as file:
        file.write(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header.encode() + data)


def floats(*values):
    return struct.pack("<%df" % len(values), *values)


def make_files():
    npy("x.npy", "<f4", (2, 3), floats(1, 2, 3, 4, 5, 6))
    npy("y.npy", "<f4", (3, 4), floats(*range(12)))
    npy("x_wide.npy", "<f8", (2, 3), struct.pack("<6d", *range(6)))
    npy("x_long.npy", "<f4", (2, 5), floats(*range(10)))
    npy("xy.npy", "<f4", (2, 4), floats(32, 38, 44, 50, 68, 83, 98, 113))
    npy("xy_off.npy", "<f4", (2, 4), floats(32, 38, 44, 50, 68, 83, 98, 114))
    with open("cut.npy", "wb") as file:
        file.write(open("x.npy", "rb").read()[:-1])
    for name, text in TEXTS.items():
        with open(name, "w") as file:
            file.write(text)


TEXTS = {
    "bad.yaml": "gemmule: 1\nplaceholders:\n  x: {shape: [2, 3]}\nnodes:\n  r: {rleu: x}\n",
    "name.yaml": "gemmule: 1\nplaceholders:\n  images: {shape: [2, 3]}\nnodes:\n  r: {relu: imges}\n",
    "syntax.yaml": "gemmule: 1\nnodes: [\n",
    "shape.yaml": "gemmule: 1\nplaceholders:\n  x: {shape: [2, 3]}\n  y: {shape: [4, 5]}\nnodes:\n  xy: {dot: [x, y]}\n",
    "deep.yaml": "gemmule: 1\nnodes: " + "[" * 100 + "\n",
    "no_outputs.yaml": "gemmule: 1\nplaceholders:\n  x: {shape: [2, 3]}\nnodes:\n  r: {relu: x}\n",
    "two.yaml": "gemmule: 1\nplaceholders:\n  a: {shape: [n, 3]}\n  b: {shape: [n, 2*n + 1], dtype: int32}\n"
                "nodes:\n  r: {negative: a}\n  s: {negative: b}\noutputs: [r, s]\n",
    "scalar.yaml": "gemmule: 1\nplaceholders:\n  k: {shape: []}\nnodes:\n  r: {multiply: [k, 2]}\noutputs: r\n",
    "learnt.yaml": "gemmule: 1\nplaceholders:\n  x: {shape: [2, k]}\n  z: {shape: [3, 4]}\n"
                   "nodes:\n  xz: {dot: [x, z]}\noutputs: [xz]\n",
    "lower.yaml": "gemmule: 1\nplaceholders:\n  l: {shape: [2, 2], structure: lower_triangular}\nnodes:\n"
                  "  r: {negative: l}\noutputs: [r]\n",
    "data.yaml": "gemmule: 1\nvariables:\n  x: {file: x.npy}\noutputs: [x]\n",
}


# ---- The table ----

def read_cases(path):
    case = None
    for line in open(path).read().split("\n"):
        if line.startswith("$ gemmule"):
            case["command"] = line[len("$ gemmule"):].strip()
        elif line.startswith("# "):
            if case:
                yield case
            case = {"title": line[2:], "out": [], "err": [], "code": 0}
        elif line.startswith("= "):
            case["code"] = int(line[2:])
        elif line.startswith("2> "):
            case["err"].append(line[3:])
        elif case and "command" in case:
            case["out"].append(line)
    if case:
        yield case


def pattern(lines):
    while lines and lines[-1] == "":
        lines = lines[:-1]
    parts = ["(?:.*\n)*?" if line == "..." else re.escape(line) + "\n" for line in lines]
    return "".join(parts).replace(re.escape("$GRAPHS"), re.escape(GRAPHS))


def call(words, stdin=None, **more):
    return subprocess.run([GEMMULE] + words, stdin=stdin or subprocess.DEVNULL, stdout=more.pop("stdout", subprocess.PIPE),
                          stderr=subprocess.PIPE, timeout=60, **more)


def run_case(case):
    words = shlex.split(case["command"].replace("$GRAPHS", GRAPHS))
    stdin = None
    if len(words) > 1 and words[-2] == "<":
        stdin = open(words[-1], "rb")
        words = words[:-2]
    done = call(words, stdin)
    out, err = done.stdout.decode(), done.stderr.decode()
    good = done.returncode == case["code"]
    good = good and re.fullmatch(pattern(case["out"]), out) and re.fullmatch(pattern(case["err"]), err)
    if good:
        return []
    return ["%s\n  gemmule %s\n  exit %d, not %d\n--- stdout\n%s--- stderr\n%s---" % (
        case["title"], case["command"], done.returncode, case["code"], out, err)]


# ---- What needs more than a table ----

def expect(what, is_so):
    return [] if is_so else [what]


DOT = ["run", os.path.join(GRAPHS, "dot_2d.yaml"), "--feed", "x=x.npy", "--feed", "y=y.npy"]


def a_closed_stdout_is_3_with_a_message():
    done = call(["show", GRAPHS + "/dot_2d.yaml"], stdout=None, preexec_fn=lambda: os.close(1))
    return expect("closed: %r" % done, done.returncode == 3 and done.stderr == b"gemmule: standard output is closed\n")


def a_full_stdout_is_3_with_a_message():
    with open("/dev/full", "wb") as full:
        done = call(["show", GRAPHS + "/dot_2d.yaml"], stdout=full)
    return expect("full: %r" % done, done.returncode == 3 and b"No space left" in done.stderr)


def a_reader_that_went_away_is_3_without_a_message():
    reader, writer = os.pipe()
    os.close(reader)
    done = call(["show", GRAPHS + "/dot_2d.yaml"], stdout=writer)
    os.close(writer)
    return expect("pipe: %r" % done, done.returncode == 3 and done.stderr == b"")


def out_writes_one_file():
    done = call(DOT + ["--out", "made.npy"])
    good = done.stdout == b"xy = <(2, 4) float32> -> made.npy\n" and done.returncode == 0
    return expect("out: %r" % done, good and open("made.npy", "rb").read() == open("xy.npy", "rb").read())


def out_writes_a_folder():
    done = call(["run", "two.yaml", "--feed", "a=ones", "--feed", "b=random:3", "--dim", "n=2", "--out", "made"])
    good = done.stdout == b"r = <(2, 3) float32> -> made/r.npy\ns = <(2, 5) int32> -> made/s.npy\n"
    return expect("folder: %r" % done, good and sorted(os.listdir("made")) == ["r.npy", "s.npy"])


def small_files():
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))


def a_result_that_does_not_fit_leaves_the_earlier_one():
    wrong = []
    for words, name in ((DOT + ["--out", "kept.npy"], "kept.npy"), (DOT + ["--out", "kept"], "kept/xy.npy"),
                        (["draw", GRAPHS + "/dot_2d.yaml", "-o", "kept.dot"], "kept.dot")):
        os.makedirs("kept", exist_ok=True)
        with open(name, "w") as file:
            file.write("earlier")
        before = sorted(os.listdir(".")), sorted(os.listdir("kept"))
        done = call(words, preexec_fn=small_files)
        wrong += expect("does not fit: %r" % done, done.returncode == 3 and b"File too large" in done.stderr)
        wrong += expect("%s changed" % name, open(name).read() == "earlier")
        wrong += expect("files left by %s" % name, (sorted(os.listdir(".")), sorted(os.listdir("kept"))) == before)
        done = call(words)
        wrong += expect("fits: %r" % done, done.returncode == 0 and open(name, "rb").read() != b"earlier")
    return wrong


def what_is_no_file_is_written_to_or_refused():
    os.symlink("/dev/full", "full.dot")
    os.symlink("/dev/null", "null.dot")
    draw, nothing = (call(["draw", GRAPHS + "/dot_2d.yaml", "-o", name]) for name in ("full.dot", "null.dot"))
    full = call(DOT + ["--out", "/dev/full"])
    return (expect("draw to a full device: %r" % draw, draw.returncode == 3 and b"No space left" in draw.stderr)
            + expect("draw to nothing: %r" % nothing, nothing.returncode == 0 and os.path.islink("null.dot"))
            + expect("run to a device: %r" % full, full.returncode == 3 and b"is a file, not a folder" in full.stderr))


def an_input_that_cannot_be_read_is_3_with_a_message():
    folder = os.open(".", os.O_RDONLY)
    done = call(["check", "-"], stdin=folder)
    os.close(folder)
    return expect("unreadable: %r" % done, done.returncode == 3 and
                  done.stderr == b"gemmule: standard input cannot be read: Is a directory\n")


def show_has_a_json_form():
    done = call(["show", GRAPHS + "/attention.yaml", "--json"])
    shown = json.loads(done.stdout)
    node = {n["name"]: n for n in shown["nodes"]}["scores"]
    return (expect("json head", shown["gemmule"] == "0.1.0" and shown["format"] == 1 and shown["graph"] == "attention")
            + expect("json node %r" % node, node["shape"] == ["seq", "seq"] and node["dims"] == [None, None]
                     and node["inputs"][1] == "scale" and node["dtype"] == "float32" and node["op"] == "multiply")
            + expect("json totals", shown["symbols"] == ["seq"] and shown["outputs"] == ["attended", "attention"]
                     and shown["parameters"] == 1024 and isinstance(shown["flops"], str)))


def run_has_a_json_form():
    done = call(["run", "two.yaml", "--feed", "a=[[nan, inf, 1]]", "--feed", "b=ones", "--json"])
    shown = json.loads(done.stdout)
    return expect("run json %r" % shown, shown["outputs"] == [
        {"name": "r", "dtype": "float32", "shape": [1, 3], "values": [["nan", "-inf", -1]]},
        {"name": "s", "dtype": "int32", "shape": [1, 3], "values": [[-1, -1, -1]]}])


def expect_has_a_json_form():
    done = call(DOT + ["--expect", "xy=xy_off.npy", "--json"])
    shown = json.loads(done.stdout)["expect"]
    return expect("expect json %r" % shown, done.returncode == 1 and done.stderr == b"" and shown == [
        {"name": "xy", "file": "xy_off.npy", "elements": 8, "differing": 1, "largest": 1}])


def errors_have_a_json_form():
    done = call(["check", "bad.yaml", "--json"])
    error = json.loads(done.stderr)["error"]
    return expect("error json %r" % error, done.returncode == 3 and done.stdout == b"" and
                  [error[k] for k in ("status", "file", "line", "column", "node")] == ["GM_UNKNOWN_OP", "bad.yaml", 5, 7, "r"]
                  and "relu" in error["message"])


def usage_errors_have_a_json_form():
    done = call(["run", "two.yaml", "--fed", "a=ones", "--json"])
    error = json.loads(done.stderr)["error"]
    return expect("usage json %r" % error, done.returncode == 2 and error["status"] == "GM_BAD_ARGUMENT")


def plan_has_a_json_form():
    shown = json.loads(call(["plan", GRAPHS + "/chain.yaml", "--dim", "n=8", "--json"]).stdout)
    keys = "gemmule format dims steps buffers rewrites workspace packed peak unshared lower_bound".split()
    return expect("plan json %r" % list(shown), all(key in shown for key in keys) and shown["dims"] == {"n": 8})


def random_feeds_are_the_same_every_time():
    words = ["run", "two.yaml", "--feed", "a=random", "--feed", "b=random:3", "--dim", "n=3", "--json"]
    one, other = json.loads(call(words).stdout), json.loads(call(words).stdout)
    digits = [-d for row in one["outputs"][1]["values"] for d in row]
    reals = [-r for row in one["outputs"][0]["values"] for r in row]
    return expect("random %r" % one, one == other and all(0 <= d <= 9 for d in digits) and len(set(digits)) > 3
                  and all(0 <= r < 1 for r in reals))


def digits_are_classified():
    words = ["run", GRAPHS + "/digits.yaml", "--feed", "images=" + GRAPHS + "/digits/images.npy"]
    done = call(words + ["--expect", "probabilities=" + GRAPHS + "/digits/probabilities.npy", "--json"])
    rows = json.loads(done.stdout)["outputs"][0]["values"]
    labels = struct.unpack("<397i", open(GRAPHS + "/digits/labels.npy", "rb").read()[-4 * 397:])
    right = sum(row.index(max(row)) == label for row, label in zip(rows, labels))
    return expect("digits: %d of %d, exit %d" % (right, len(rows), done.returncode),
                  right == 385 and len(rows) == 397 and done.returncode == 0)


def an_interrupt_is_130():
    lines = ["gemmule: 1", "placeholders:", "  x: {shape: [n, n]}", "nodes:", "  p0: {dot: [x, x]}"]
    lines += ["  p%d: {dot: [p%d, x]}" % (i, i - 1) for i in range(1, 20000)]
    with open("long.yaml", "w") as file:
        file.write("\n".join(lines + ["outputs: [p19999]", ""]))
    process = subprocess.Popen([GEMMULE, "run", "long.yaml", "--feed", "x=zeros", "--dim", "n=300", "--exact"],
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    try:
        process.wait(timeout=2)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=200)
    return expect("interrupt: exit %d, %r" % (process.returncode, err), process.returncode == 130 and out == b"")


FUNCTIONS = [a_closed_stdout_is_3_with_a_message, a_full_stdout_is_3_with_a_message,
             a_reader_that_went_away_is_3_without_a_message, out_writes_one_file, out_writes_a_folder,
             a_result_that_does_not_fit_leaves_the_earlier_one, what_is_no_file_is_written_to_or_refused,
             an_input_that_cannot_be_read_is_3_with_a_message,
             show_has_a_json_form, run_has_a_json_form, expect_has_a_json_form, errors_have_a_json_form,
             usage_errors_have_a_json_form, plan_has_a_json_form, random_feeds_are_the_same_every_time,
             digits_are_classified, an_interrupt_is_130]


def main():
    wrong, count = [], 0
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        make_files()
        for case in read_cases(os.path.join(HERE, "cases.txt")):
            wrong += run_case(case)
            count += 1
        for function in FUNCTIONS:
            wrong += function()
            count += 1
        os.chdir("/")
    for message in wrong:
        print(message)
    print("%d cases, %d wrong" % (count, len(wrong)))
    return 1 if wrong else 0


sys.exit(main())
