#!/usr/bin/python3
# SPDX-License-Identifier: MIT
#
# The manual's pages and the three completions know every command and every option of the command's tables (which
# `gemmule help --json` prints), and no others; the page of the file format knows every key that the reader takes.
# Completions are run where their shell is installed.
#
#     run_manual.py GEMMULE [SOURCE_DIR]
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

GEMMULE = os.path.abspath(sys.argv[1])
SOURCE = os.path.abspath(sys.argv[2] if len(sys.argv) > 2 else os.path.join(os.path.dirname(__file__), "..", ".."))
TABLES = json.loads(subprocess.check_output([GEMMULE, "help", "--json"]))["commands"]
COMMANDS = [command["name"] for command in TABLES]
OPTIONS = {command["name"]: {option["name"] for option in command["options"]} for command in TABLES}
LETTERS = {command["name"]: {option["letter"] for option in command["options"] if option["letter"]} for command in TABLES}
wrong = []


def expect(what, is_so):
    if not is_so:
        wrong.append(what)


def read(*path):
    return open(os.path.join(SOURCE, "src", *path), encoding="utf-8").read()


def plain(roff):
    return re.sub(r"\\f[BIRP]", "", roff.replace("\\-", "-").replace("\\(dq", '"'))


def sections(page):
    parts = re.split(r'^\.SH "?([A-Z ]+?)"?$', page, flags=re.M)
    return dict(zip(parts[1::2], parts[2::2]))


# ---- The manual ----

def check_page_of_the_command():
    parts = sections(plain(read("man", "gemmule.1")))
    listed = re.findall(r"^\.TP\n\.B (\S+)$", parts["COMMANDS"], re.M)
    expect("gemmule.1 lists the commands %r" % listed, listed == COMMANDS)
    for name in COMMANDS:
        expect("gemmule.1: no synopsis of %s" % name, ".B gemmule %s\n" % name in parts["SYNOPSIS"])
    documented = {name: set() for name in COMMANDS}
    for block in parts["OPTIONS"].split(".TP\n")[1:]:
        lines = block.split("\n")
        named = re.findall(r"--[a-z-]+", lines[0])
        where = re.findall(r"[a-z]+", lines[1][3:]) if lines[1].startswith(".RB (") else []
        for command in COMMANDS if "Every command" in block else where:
            documented[command] |= set(named)
    for name in COMMANDS:
        expect("gemmule.1: options of %s: %r" % (name, sorted(documented[name] ^ OPTIONS[name])),
               documented[name] == OPTIONS[name])


def table_of_words(source, name):
    found = re.search(r"%s\[\] = \{(.*?)\};" % name, source, re.S)
    return re.findall(r'"(\w+)"', found.group(1))


def check_page_of_the_format():
    page = plain(read("man", "gemmule.5"))
    survey = read("spec", "survey.c")
    words = [word for name in ("top_keys", "placeholder_keys", "value_keys") for word in table_of_words(survey, name)]
    for word in words:
        expect("gemmule.5: no key %s" % word, re.search(r"^\.BR? %s( ,)?$" % word, page, re.M) or word == "doc")
    for kind in re.findall(r'^    \{"(\w+)", GM__INIT', read("spec", "read_sources.c"), re.M):
        expect("gemmule.5: no initialiser %s" % kind, kind in page)
    expect("gemmule.5: few keys %r" % words, len(set(words)) >= 12)
    example = re.search(r"^\.nf\n(gemmule: 1.*?)^\.fi", page, re.M | re.S).group(1)
    done = subprocess.run([GEMMULE, "run", "-", "--feed", "x=ones", "--dim", "batch=2"], input=example.encode(),
                          capture_output=True)
    expect("gemmule.5: the example: %r" % done, done.returncode == 0 and done.stdout.startswith(b"y = <(2, 2) float32>"))


def check_pages_render():
    if not shutil.which("man"):
        return
    for page in ("gemmule.1", "gemmule.5"):
        done = subprocess.run(["man", "-l", "--warnings", "-Tutf8", os.path.join(SOURCE, "src", "man", page)],
                              capture_output=True, env=dict(os.environ, LC_ALL="C.UTF-8", MANWIDTH="80"))
        expect("%s renders: %r" % (page, done.stderr), done.returncode == 0 and not done.stderr)


# ---- Completion ----

BASH = """source %s; COMP_WORDS=(%s) COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _gemmule 2>/dev/null
printf '%%s\\n' "${COMPREPLY[@]}" """
GRAPH = "two_names.yaml"
TEXT = "gemmule: 1\nplaceholders:\n  left: {shape: [rows, 3]}\n  right: {shape: [3, 2]}\n" \
       "nodes:\n  product: {dot: [left, right]}\noutputs: [product]\n"


def bash(*words):
    quoted = " ".join("'%s'" % word for word in (GEMMULE,) + words)
    script = BASH % (os.path.join(SOURCE, "src", "completion", "gemmule.bash"), quoted)
    return set(subprocess.check_output(["bash", "-c", script], stderr=subprocess.STDOUT).decode().split())


def fish(*words):
    where = os.path.dirname(GEMMULE)
    script = "set -x PATH %s $PATH; source %s; complete -C '%s'" % (
        where, os.path.join(SOURCE, "src", "completion", "gemmule.fish"), " ".join(("gemmule",) + words))
    lines = subprocess.check_output(["fish", "--no-config", "-c", script], stderr=subprocess.STDOUT).decode()
    return {line.split("\t")[0] for line in lines.splitlines()}


def check_bash():
    expect("bash: commands %r" % bash(""), bash("") >= set(COMMANDS))
    for name in COMMANDS:
        got = bash(name, "-")
        expect("bash: options of %s: %r" % (name, sorted(got ^ (OPTIONS[name] | LETTERS[name]))),
               got == OPTIONS[name] | LETTERS[name])
    check_names("bash", bash)
    expect("bash: values after =", bash("run", GRAPH, "--feed", "left", "=", "z") == {"zeros"})
    expect("bash: values after = at once", bash("run", GRAPH, "--feed", "left", "=") >= {"zeros", "ones", "random"})


def check_names(shell, complete):
    graph = complete("show", "two_n")
    expect("%s: graph files %r" % (shell, graph), graph == {GRAPH})
    expect("%s: feeds" % shell, complete("run", GRAPH, "--feed", "") == {"left=", "right="})
    expect("%s: fetches" % shell, complete("run", GRAPH, "--fetch", "") == {"left", "right", "product"})
    expect("%s: dims" % shell, complete("plan", GRAPH, "--dim", "") == {"rows="})
    expect("%s: operations" % shell, complete("ops", "softm") == {"softmax"})
    expect("%s: topics" % shell, complete("help", "chec") == {"check"})
    expect("%s: passes" % shell, "prune" in complete("run", GRAPH, "--without", ""))
    expect("%s: kernels" % shell, "loops" in complete("run", GRAPH, "--kernel", ""))


def check_fish():
    if not shutil.which("fish"):
        return
    expect("fish: commands", fish("") >= set(COMMANDS))
    for name in COMMANDS:
        got = {word for word in fish(name, "--") if word.startswith("--")}
        expect("fish: options of %s: %r" % (name, sorted(got ^ OPTIONS[name])), got == OPTIONS[name])
    check_names("fish", fish)


def check_zsh():
    script = read("completion", "_gemmule")
    groups = {name: set(re.findall(r"--[a-z-]+", found)) for name, found in re.findall(
        r"^  (always|root|json|plans)=\((.*?)\)$", script, re.M | re.S)}
    branches = dict(re.findall(r"^    (\w+)\) _arguments (.*?) ;;$", script, re.M | re.S))
    for name in COMMANDS:
        expect("zsh: command %s" % name, "'%s:" % name in script and name in branches)
        got = set(re.findall(r"(--[a-z-]+)", branches[name]))
        for group in re.findall(r"\$(\w+)", branches[name]):
            got |= groups.get(group, set())
        got.discard("--names kind")
        expect("zsh: options of %s: %r" % (name, sorted(got ^ OPTIONS[name])), got == OPTIONS[name])
    if shutil.which("zsh"):
        done = subprocess.run(["zsh", "-n", os.path.join(SOURCE, "src", "completion", "_gemmule")], capture_output=True)
        expect("zsh: %r" % done, done.returncode == 0)


def static_mentions():
    for file in ("gemmule.bash", "_gemmule", "gemmule.fish"):
        text = read("completion", file)
        for name in COMMANDS:
            expect("%s: no %s" % (file, name), re.search(r"\b%s\b" % name, text))
        for option in set().union(*OPTIONS.values()):
            word = option if file != "gemmule.fish" else "-l " + option[2:]
            expect("%s: no %s" % (file, option), re.search(re.escape(word) + r"(?![\w-])", text))


with tempfile.TemporaryDirectory() as folder:
    os.chdir(folder)
    with open(GRAPH, "w", encoding="utf-8") as file:
        file.write(TEXT)
    for check in (check_page_of_the_command, check_page_of_the_format, check_pages_render, check_bash, check_fish,
                  check_zsh, static_mentions):
        check()
    os.chdir("/")
print("\n".join(wrong))
print("%d commands, %d options, %d wrong" % (len(COMMANDS), len(set().union(*OPTIONS.values())), len(wrong)))
sys.exit(1 if wrong or len(COMMANDS) < 8 else 0)
