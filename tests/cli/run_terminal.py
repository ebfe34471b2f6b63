#!/usr/bin/python3
# SPDX-License-Identifier: MIT
#
# The conventions, for each command in turn: help, colour, widths of terminals, interrupts, streams that are closed or
# full or whose reader went away, standard input, suggestions. Terminals are pseudo-terminals of Python's pty module.
# Then what belongs to single commands: pictures, new graphs, examples of operations, the time that show takes.
#
#     run_terminal.py GEMMULE [SOURCE_DIR]
import fcntl
import json
import os
import pty
import re
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time

GEMMULE = os.path.abspath(sys.argv[1])
SOURCE = os.path.abspath(sys.argv[2] if len(sys.argv) > 2 else os.path.join(os.path.dirname(__file__), "..", ".."))
GRAPHS = os.path.join(SOURCE, "graphs")
GRAPH = os.path.join(GRAPHS, "attention.yaml")
DIGITS = os.path.join(GRAPHS, "digits.yaml")
TABLES = json.loads(subprocess.check_output([GEMMULE, "help", "--json"]))["commands"]
ESCAPE, wrong, count = b"\x1b[", [], 0

# Each command: words that work, whether they colour, whether every line fits the terminal, whether a graph comes from
# standard input for "-".
CALLS = {
    "show": (["show", GRAPH], True, True, True),
    "draw": (["draw", GRAPH], False, False, True),
    "run": (["run", GRAPH, "--feed", "tokens=random:7", "--dim", "seq=2"], True, False, True),
    "plan": (["plan", GRAPH], False, False, True),
    "check": (["check", DIGITS], False, False, True),
    "new": (["new", "-"], False, False, False),
    "ops": (["ops"], True, True, False),
    "help": (["help"], True, True, False),
}


def expect(what, is_so):
    global count
    count += 1
    if not is_so:
        wrong.append(what)


def environment(**more):
    base = {key: value for key, value in os.environ.items() if key not in ("NO_COLOR", "COLUMNS", "TERM")}
    return dict(base, **more)


def call(words, **more):
    return subprocess.run([GEMMULE] + words, stdin=more.pop("stdin", subprocess.DEVNULL), stderr=subprocess.PIPE,
                          stdout=more.pop("stdout", subprocess.PIPE), timeout=100, **more)


def has_terminals():
    try:
        for end in pty.openpty():
            os.close(end)
        return True
    except OSError:
        return False


TERMINALS = has_terminals()


def needs_terminal(check):
    """A machine without /dev/pts (a bare chroot) goes without the checks of what a terminal is sent."""
    return check if TERMINALS else lambda *ignored: None


def on_terminal(words, width=80, **more):
    """Exit code and what a terminal of that width is sent, stdout and stderr together."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, width, 0, 0))
    process = subprocess.Popen([GEMMULE] + words, stdin=subprocess.DEVNULL, stdout=slave, stderr=slave,
                               env=environment(**dict({"TERM": "xterm"}, **more)))
    os.close(slave)
    parts = []
    while True:
        try:
            part = os.read(master, 65536)
        except OSError:
            break
        if not part:
            break
        parts.append(part)
    os.close(master)
    return process.wait(), b"".join(parts).replace(b"\r\n", b"\n")


def bare(text):
    return re.sub(rb"\x1b\[[0-9;]*m", b"", text).decode()


# ---- For each command ----

def check_table():
    expect("every command is tried: %r" % sorted(CALLS), sorted(CALLS) == sorted(c["name"] for c in TABLES))


def check_help(name):
    usage = b"Usage: gemmule %s " % name.encode()
    texts = [call(words).stdout for words in ([name, "-h"], [name, "--help"], ["help", name])]
    shown = json.loads(call(["help", name, "--json"]).stdout)["commands"]
    expect("%s: help as JSON" % name, [one["name"] for one in shown] == [name])
    expect("%s: help" % name, texts[0].startswith(usage) and texts[0] == texts[1] == texts[2])


@needs_terminal
def check_colour(name, words, colours):
    plain = call(words).stdout
    code, text = on_terminal(words, 4000)
    expect("%s: colour on a terminal" % name, code == 0 and (ESCAPE in text) == colours)
    expect("%s: colours change nothing else" % name, bare(text) == plain.decode() or name == "help")
    expect("%s: none in a pipe" % name, ESCAPE not in plain)
    for title, more, extra in (("NO_COLOR", {"NO_COLOR": "1"}, []), ("TERM=dumb", {"TERM": "dumb"}, []),
                               ("--no-color", {}, ["--no-color"])):
        code, text = on_terminal(words + extra, **more)
        expect("%s: none with %s" % (name, title), code == 0 and ESCAPE not in text)
    code, text = on_terminal(["--no-color"] + words)
    expect("%s: --no-color before the command" % name, code == 0 and ESCAPE not in text)
    code, text = on_terminal(words, NO_COLOR="")
    expect("%s: an empty NO_COLOR says nothing" % name, (ESCAPE in text) == colours)
    code, text = on_terminal([name, "--bogus"])
    expect("%s: messages are coloured" % name, code == 2 and ESCAPE in text)
    code, text = on_terminal([name, "--bogus", "--no-color"])
    expect("%s: messages are plain with --no-color" % name, code == 2 and ESCAPE not in text)


@needs_terminal
def check_widths(name, words, fits):
    for width in (40, 41, 53, 60, 79, 80, 120, 200):
        for tried in ([words] if fits else []) + [[name, "--help"]]:
            code, text = on_terminal(tried, width)
            widest = max(len(line) for line in bare(text).split("\n"))
            expect("%s: %d columns at a width of %d" % (tried, widest, width), code == 0 and widest <= width)


def check_streams(name, words):
    done = call(words, stdout=None, preexec_fn=lambda: os.close(1))
    expect("%s: closed: %r" % (name, done), done.returncode == 3 and done.stderr == b"gemmule: standard output is closed\n")
    with open("/dev/full", "wb") as full:
        done = call(words, stdout=full)
    expect("%s: full: %r" % (name, done), done.returncode == 3 and b"No space left" in done.stderr)
    reader, writer = os.pipe()
    os.close(reader)
    done = call(words, stdout=writer)
    os.close(writer)
    expect("%s: reader away: %r" % (name, done), done.returncode == 3 and done.stderr == b"")


def check_stdin(name, words):
    piped = ["-" if word in (GRAPH, DIGITS) else word for word in words] + ["--data-root", GRAPHS]
    with open(words[1], "rb") as file:
        done = call(piped, stdin=file)
    plain = call(words).stdout
    expect("%s: standard input: %r" % (name, done), done.returncode == 0 and
           done.stdout.replace(b"-: ok", words[1].encode() + b": ok") == plain)
    reader, writer = os.pipe()
    process = subprocess.Popen([GEMMULE] + piped, stdin=reader, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    time.sleep(0.3)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    os.close(reader)
    os.close(writer)
    expect("%s: interrupted: %d %r" % (name, process.returncode, err), process.returncode == 130 and out == b"")


def check_suggestions(table):
    name = table["name"]
    done = call([name + "q"])
    expect("suggest %s: %r" % (name, done.stderr), done.returncode == 2 and b"did you mean '%s'?" % name.encode() in done.stderr)
    for option in table["options"]:
        word = option["name"] + option["name"][-1]
        done = call([name, word])
        expect("%s %s: %r" % (name, word, done.stderr),
               done.returncode == 2 and b"did you mean '%s'?" % option["name"].encode() in done.stderr)


def check_commands():
    for table in TABLES:
        name = table["name"]
        words, colours, fits, reads = CALLS[name]
        check_help(name)
        check_colour(name, words, colours)
        check_widths(name, words, fits)
        check_streams(name, words)
        check_suggestions(table)
        if reads:
            check_stdin(name, words)


# ---- show ----

@needs_terminal
def check_shortened():
    whole = call(["show", DIGITS]).stdout.decode()
    expect("show: nothing is cut off a terminal", "…" not in whole)
    for width in (40, 60):
        code, text = on_terminal(["show", DIGITS], width)
        lines = bare(text).split("\n")
        titles = [line.split() for line in lines if line.startswith("NAME")][0]
        expect("show at %d: %r" % (width, titles), [t for t in titles if t in ("NAME", "OP", "SHAPE", "DTYPE")] ==
               ["NAME", "OP", "SHAPE", "DTYPE"])
        expect("show at %d: shortened" % width, any("…" in line for line in lines))
    expect("show: COLUMNS", max(map(len, bare(on_terminal(["show", DIGITS], 200, COLUMNS="50")[1]).split("\n"))) <= 50)
    for name in ("nan", "0", "-5", "99999999999999999999"):
        expect("show: COLUMNS=%s" % name, on_terminal(["show", DIGITS], 80, COLUMNS=name)[0] == 0)


def nested(path, nodes=10000, depth=25):
    lines, last = ["gemmule: 1", "placeholders:", "  x: {shape: [batch, 64]}", "variables:",
                   "  w: {shape: [64, 64], init: ones}", "nodes:"], "x"
    for i in range(nodes // depth):
        inner = last
        for j in range(depth):
            inner = "{dot: [%s, w]}" % inner if j % 2 else "{relu: %s}" % inner
        lines.append("  n%d: %s" % (i, inner))
        last = "n%d" % i
    with open(path, "w", encoding="utf-8") as file:
        file.write("\n".join(lines + ["outputs: [%s]" % last, ""]))


def best_time(command):
    best = 1e9
    for _ in range(15):
        before = time.perf_counter()
        with open("shown", "wb") as file:
            done = call([command, "nested.yaml"], stdout=file, env=environment(OPENBLAS_NUM_THREADS="1"))
        best = min(best, time.perf_counter() - before)
        expect("%s of 10000 nodes: %r" % (command, done.stderr), done.returncode == 0)
    return best * 1e3


def check_time():
    """What showing adds to loading is bounded; the goal of 50 ms is for an optimised build on a quiet machine."""
    nested("nested.yaml")
    load, show = best_time("check"), best_time("show")
    print("show: 10002 nodes in %.1f ms, %.1f ms of them for loading; the best of 15" % (show, load))
    expect("show takes %.1f ms, loading alone %.1f ms" % (show, load), show < 2.5 * load + 20 and show < 5000)
    expect("show prints every node", open("shown", "rb").read().count(b"\n") > 10002)


# ---- draw ----

def fake_dot(text):
    os.makedirs("fake", exist_ok=True)
    with open("fake/dot", "w", encoding="utf-8") as file:
        file.write("#!/bin/sh\n" + text)
    os.chmod("fake/dot", 0o755)
    return environment(PATH=os.path.abspath("fake") + ":/usr/bin:/bin")


def check_pictures():
    done = call(["draw", GRAPH, "-o", "none.svg"], env=environment(PATH="/nonexistent"))
    expect("draw without graphviz: %r" % done, done.returncode == 3 and b"is not installed" in done.stderr
           and done.stderr.count(b"\n") == 1 and not os.path.exists("none.svg"))
    done = call(["draw", GRAPH, "-o", "made.svg"], env=fake_dot("cat > seen.dot; echo '<svg/>'\n"))
    expect("draw: %r" % done, done.returncode == 0 and open("made.svg").read() == "<svg/>\n"
           and open("seen.dot", "rb").read() == call(["draw", GRAPH]).stdout)
    done = call(["draw", GRAPH, "-o", "bad.svg"], env=fake_dot("echo 'Error: <stdin>: syntax' >&2; exit 4\n"))
    expect("draw: dot fails: %r" % done, done.returncode == 3 and not os.path.exists("bad.svg") and done.stderr ==
           b"gemmule: graphviz's program 'dot' ended with code 4: Error: <stdin>: syntax\n")
    done = call(["draw", GRAPH, "-o", "bad.svg"], env=fake_dot("kill -9 $$\n"))
    expect("draw: dot dies: %r" % done, done.returncode == 3 and b"ended by signal 9" in done.stderr)
    nested("long.yaml")
    done = call(["draw", "long.yaml", "-o", "long.svg"], env=fake_dot("yes | head -c 5000000; cat > /dev/null\n"))
    expect("draw: much output: %r" % done.stderr, done.returncode == 0 and os.path.getsize("long.svg") == 5000000)
    done = call(["draw", GRAPH, "-o", "/nonexistent/x.svg"], env=fake_dot("echo '<svg/>'\n"))
    expect("draw: no folder: %r" % done, done.returncode == 3 and b"cannot be written" in done.stderr)


TRICKY = """gemmule: 1
name: 'a "b" <c> & d\\'
doc: '<b>bold</b> & "quoted" — dash'
placeholders: {x: {shape: [n, 3], doc: 'quote " and \\ and <'}, unused: {shape: [2]}}
nodes: {y: {multiply: [x, 0.5]}, z: {cast: y, dtype: int32}, left: {relu: y, alpha: 0.1}}
outputs: [y, z, y]
"""


def check_dot_text():
    with open("tricky.yaml", "w", encoding="utf-8") as file:
        file.write(TRICKY)
    done = call(["draw", "tricky.yaml"])
    text = done.stdout.decode()
    expect("draw: %r" % done, done.returncode == 0 and text.startswith('digraph "a \\"b\\" <c> & d\\\\" {'))
    expect("draw: escaped", "&lt;b&gt;bold&lt;/b&gt; &amp; &quot;quoted&quot;" in text and "<b>bold" not in text)
    expect("draw: numbers stand in the box", "multiply(·, 0.5)" in text)
    expect("draw: attributes", "{alpha: 0.1}" in text)
    expect("draw: shapes on the arrows", text.count("(n, 3)>];") >= 3 and "(n, 3) int32>];" in text)
    expect("draw: outputs once each", text.count('label="output"') == 2 and text.count("peripheries=2") == 2)
    expect("draw: not needed is dashed", text.count("dashed") == 2)
    for name in ("tricky.yaml", GRAPH, DIGITS):
        try:
            made = subprocess.run(["dot", "-Tsvg"], input=call(["draw", name]).stdout, capture_output=True, timeout=60)
        except FileNotFoundError:
            return
        expect("dot takes it: %r" % made.stderr, made.returncode == 0 and b"</svg>" in made.stdout and not made.stderr)
        done = call(["draw", name, "-o", "real.svg"])
        expect("draw by graphviz: %r" % done, done.returncode == 0 and b"</svg>" in open("real.svg", "rb").read())


# ---- new, ops, run ----

def check_new():
    for name in ("fresh.yaml", "it's a graph.yaml", "-"):
        done = call(["new", name])
        text = done.stdout.decode() if name == "-" else open(name, encoding="utf-8").read()
        source = done.stdout if name == "-" else open(name, "rb").read()
        expect("new %s: %r" % (name, done), done.returncode == 0 and text.startswith("# "))
        run = subprocess.run([GEMMULE, "run", "-", "--feed", "x=ones", "--dim", "batch=2"], input=source, capture_output=True)
        expect("new %s runs: %r" % (name, run), run.returncode == 0 and b"probabilities = <(2, 2) float32>" in run.stdout)
        for line in re.findall(r"^#     gemmule (.*)$", text, re.M) if name != "-" else []:
            ran = subprocess.run("'%s' %s" % (GEMMULE, line), shell=True, capture_output=True)
            expect("new %s: %s: %r" % (name, line, ran.stderr), ran.returncode == 0)
    expect("new: a link is no new file", os.symlink("nowhere.yaml", "link.yaml") or call(["new", "link.yaml"]).returncode == 3
           and not os.path.exists("nowhere.yaml"))


@needs_terminal
def check_help_width(name):
    for width in (40, 80):
        widest = max(len(line) for line in bare(on_terminal(["ops", name], width)[1]).split("\n"))
        expect("ops %s: %d columns at a width of %d" % (name, widest, width), widest <= width)


def check_examples():
    for name in call(["help", "--names", "ops"]).stdout.decode().split():
        example = call(["ops", name, "--example"])
        run = subprocess.run([GEMMULE, "run", "-"], input=example.stdout, capture_output=True)
        expect("the example of %s: %r %r" % (name, example, run.stderr), example.returncode == 0 and run.returncode == 0 and
               run.stdout.startswith(b"result = <"))
        text, node = call(["help", name]).stdout, json.loads(call(["ops", name, "--json"]).stdout)["ops"][0]
        expect("help of %s as JSON" % name, json.loads(call(["help", name, "--json"]).stdout)["ops"] == [node])
        expect("help of %s" % name, text == call(["ops", name]).stdout and node["formula"].encode() in text and
               node["example"] in example.stdout.decode())
        check_help_width(name)


def check_nothing_half_printed():
    words = ["run", GRAPH, "--feed", "tokens=ones", "--dim", "seq=2", "--json", "--out", "results"]
    os.makedirs("results/attention.npy")
    done = call(words)
    expect("run --json --out: %r" % done, done.returncode == 3 and done.stdout == b"" and
           json.loads(done.stderr)["error"]["status"] == "GM_IO")
    os.rmdir("results/attention.npy")
    done = call(words)
    expect("run --json --out again: %r" % done, done.returncode == 0 and
           json.loads(done.stdout)["outputs"][1]["file"] == "results/attention.npy")


with tempfile.TemporaryDirectory() as folder:
    os.chdir(folder)
    for check in (check_table, check_commands, check_shortened, check_time, check_pictures, check_dot_text, check_new,
                  check_examples, check_nothing_half_printed):
        check()
    os.chdir("/")
if not TERMINALS:
    print("no pseudo-terminals here: what a terminal is sent was not checked")
print("\n".join(wrong))
print("%d checks, %d wrong" % (count, len(wrong)))
sys.exit(1 if wrong else 0)
