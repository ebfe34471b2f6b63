#!/usr/bin/python3
# SPDX-License-Identifier: MIT
#
# Mutation testing: small wrong changes to the rooms that must be right, one at a time; the tests of the room must fail
# for each. Run by hand; it needs what the tests need, and gcc.
#
#     mutate.py BUILD_DIR GROUP [--count N] [--seed N] [--again FILE] [-j N]
#
# Draws `count` mutants from all that there are in the group's files, compiles the one file, links it with all suites of
# the group into one program and runs them, the fastest first. A mutant that does not compile, or compiles to the same
# code, is none, and another is drawn. Killed is one whose suite fails, crashes, or takes 10 s of processor time. Prints
# the survivors; survivors.txt says why some are right. Fails when less than 90 % are killed, or a survivor is not
# listed.
import argparse
import collections
import concurrent.futures
import glob
import itertools
import json
import os
import random
import re
import resource
import shlex
import subprocess
import sys
import tempfile
import threading

HERE = os.path.dirname(os.path.abspath(__file__))
SOURCE = os.path.dirname(os.path.dirname(HERE))
GOAL = 90.0
SECONDS = 10
WRAPPED = ["malloc", "calloc", "realloc", "aligned_alloc"]
# For each group its files, the suites that are linked into one program, and those with calls of their own wrapped.
GROUPS = {
    "shape": (["src/shape/*.c"],
              ["test_dim_bounds", "test_dim_refute", "test_dim_says", "test_dim_limits", "test_dim_text",
               "test_dim_solve", "test_dim_unify", "test_dim_undo", "test_dim", "test_symbols",
               "test_infer_messages", "test_dim_many", "test_out_of_memory"], ["test_faults_dims"]),
    "spec": (["src/spec/*.c"],
             ["test_spec_*", "test_yaml_string", "test_source", "test_examples", "test_out_of_memory"],
             ["test_faults_build", "test_faults_io", "test_faults_file"]),
    "npy": (["src/tensor/npy*.c", "src/tensor/file*.c"],
            ["test_npy*", "test_spec_save", "test_spec_data", "test_out_of_memory"],
            ["test_faults_file", "test_faults_io", "test_faults_tensor"]),
    "memory": (["src/plan/memory*.c"],
               ["test_memory*", "test_plan", "test_plan_text", "test_passes", "test_executor", "test_laws",
                "test_out_of_memory"], ["test_faults_place"]),
}

TOKEN = re.compile(r"""
    (?P<skip>\s+|/\*.*?\*/|//[^\n]*|^[ \t]*\#(?:\\\n|[^\n])*|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')
  | (?P<number>0[xX][0-9a-fA-F.pP+-]+\w*|\d[\w.]*)
  | (?P<word>[A-Za-z_]\w*)
  | (?P<sign>->|\+\+|--|<<=|>>=|<<|>>|<=|>=|==|!=|&&|\|\||[-+*/%&|^]=|\.\.\.|.)
""", re.X | re.S | re.M)
SWAPS = {
    "<": ["<=", ">="], "<=": ["<", ">"], ">": [">=", "<"], ">=": [">", "<"], "==": ["!="], "!=": ["=="],
    "&&": ["||"], "||": ["&&"], "++": ["--"], "--": ["++"], "+=": ["-="], "-=": ["+="], "<<": [">>"], ">>": ["<<"],
    "true": ["false"], "false": ["true"], "break": ["continue"], "continue": ["break"], "/": ["*"], "%": ["/"],
}
BINARY = {"+": ["-"], "-": ["+"], "*": ["+"], "&": ["|"], "|": ["&"]}
NO_STATEMENT = {"return", "if", "for", "while", "do", "else", "switch", "case", "default", "break", "continue", "goto",
                "static", "const", "struct", "typedef", "enum", "extern", "int", "char", "bool", "size_t", "double",
                "float", "unsigned", "void", "uint64_t", "uint32_t", "int64_t", "int32_t", "uint16_t"}

Token = collections.namedtuple("Token", "kind text start end")
Mutant = collections.namedtuple("Mutant", "path start end text")


def tokens_of(text):
    found = []
    for match in TOKEN.finditer(text):
        if match.lastgroup != "skip":
            found.append(Token(match.lastgroup, match.group(), match.start(), match.end()))
    return found


def closing(tokens, at):
    """The index of the parenthesis that closes the one at `at`."""
    depth = 0
    for i in range(at, len(tokens)):
        depth += {"(": 1, ")": -1}.get(tokens[i].text, 0)
        if depth == 0:
            return i
    return None


def operator_mutants(tokens, i):
    token = tokens[i]
    before = tokens[i - 1] if i else None
    follows_value = before is not None and (before.kind in ("word", "number") or before.text in (")", "]"))
    if before is not None and before.text in ("return", "case"):
        follows_value = False
    for text in SWAPS.get(token.text, []):
        yield token.start, token.end, text
    if follows_value:
        for text in BINARY.get(token.text, []):
            yield token.start, token.end, text
    if token.text == "!":
        yield token.start, token.end, ""
    if token.kind == "number" and token.text.isdigit():
        for value in {int(token.text) + 1, abs(int(token.text) - 1)}:
            yield token.start, token.end, str(value)


def structure_mutants(text, tokens, i):
    token = tokens[i]
    if token.text in ("if", "while") and i + 1 < len(tokens) and tokens[i + 1].text == "(":
        end = closing(tokens, i + 1)
        if end is not None:
            yield tokens[i + 1].start, tokens[end].end, "(!" + text[tokens[i + 1].start:tokens[end].end] + ")"
    if token.text == "GM_TRY" and tokens[i + 1].text == "(":
        yield token.start, token.end, "(void)"
    if token.text == "return":
        end = next((k for k in range(i, len(tokens)) if tokens[k].text == ";"), None)
        value = text[token.end:tokens[end].start].strip() if end else ""
        for other in ("0", "1"):
            if value and value != other:
                yield token.start, tokens[end].start, "return " + other
    starts = i and (tokens[i - 1].text in "{};)" or tokens[i - 1].text == "else")
    if starts and token.kind == "word" and token.text not in NO_STATEMENT and not token.text.startswith(("gm__dim ", "gm_status ")):
        end = next((k for k in range(i, len(tokens)) if tokens[k].text in ";{}"), None)
        declares = tokens[i + 1].kind == "word" or (tokens[i + 1].text == "*" and tokens[i + 2].kind == "word")
        if end and tokens[end].text == ";" and not declares:
            yield token.start, tokens[end].start, "(void)0"


def mutants_of(path):
    with open(path, encoding="utf-8") as file:
        text = file.read()
    tokens = tokens_of(text)
    depth, first_brace = 0, False
    for i, token in enumerate(tokens):
        depth += {"{": 1, "}": -1}.get(token.text, 0)
        if depth > 0:
            for start, end, other in itertools.chain(operator_mutants(tokens, i), structure_mutants(text, tokens, i)):
                yield Mutant(path, start, end, other)


def run(command, **options):
    done = subprocess.run(command, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **options)
    if done.returncode:
        sys.exit(f"{' '.join(command)}\n{done.stdout}\nexit status {done.returncode}")
    return done.stdout


def suites_of(group):
    found = []
    for pattern in GROUPS[group][1]:
        for path in sorted(glob.glob(os.path.join(SOURCE, "tests", "*", pattern + ".c"))):
            if path not in found:
                found.append(path)
    return found


def driver_of(names):
    externs = "".join(f"int main_{name}(void);\n" for name in names)
    cases = "".join(f"  if (i-- == 0) return main_{name}();\n" for name in names)
    return f"#include <stdlib.h>\n{externs}int main(int n, char **of) {{\n  int i = n > 1 ? atoi(of[1]) : 0;\n{cases}  return 1;\n}}\n"


class Bench:
    """The objects of everything but the mutant, and how to compile and link one."""

    def __init__(self, folder, group, jobs):
        self.suites = suites_of(group)
        self.names = [os.path.splitext(os.path.basename(path))[0] for path in self.suites]
        self.folder = folder
        run(["cmake", "-S", SOURCE, "-B", folder, "-DCMAKE_BUILD_TYPE=None", "-DCMAKE_C_FLAGS=-O1", "-DCMAKE_C_COMPILER=gcc",
             "-DGEMMULE_TESTS=ON", "-DGEMMULE_CLI=OFF", "-DCMAKE_EXPORT_COMPILE_COMMANDS=ON"])
        run(["cmake", "--build", folder, "-j", str(jobs), "--target", "gemmule", "gemmule_test_support", *self.names])
        with open(os.path.join(folder, "compile_commands.json"), encoding="utf-8") as file:
            self.commands = {unit["file"]: shlex.split(unit["command"]) for unit in json.load(file)}
        self.fixed = self.collect()
        libraries = run(["pkg-config", "--libs", "check", "jansson", "yaml-0.1"]).split()
        blas = re.search(r"^GEMMULE_OPENBLAS_LIBRARY:\S+=(.*)$", open(os.path.join(folder, "CMakeCache.txt")).read(), re.M)
        self.libraries = [os.path.join(folder, "tests", "libgemmule_test_support.a"), os.path.join(folder, "libgemmule.a"),
                          *libraries, blas.group(1), "-ldl", "-lm", "-pthread"]
        self.wraps = [f"-Wl,--wrap={name}" for name in WRAPPED] if "test_out_of_memory" in self.names else []
        self.lock = threading.Lock()
        self.originals = {}
        self.apart = GROUPS[group][2]
        if self.apart:
            run(["cmake", "--build", folder, "-j", str(jobs), "--target", *self.apart])

    def collect(self):
        place = os.path.join(self.folder, "suites")
        os.makedirs(place, exist_ok=True)
        objects = []
        for path, name in zip(self.suites, self.names):
            words = self.commands[path]
            built = os.path.join(self.folder, "tests", words[words.index("-o") + 1])
            if not os.path.exists(built):
                built = os.path.join(self.folder, words[words.index("-o") + 1])
            renamed = os.path.join(place, name + ".o")
            run(["objcopy", "--redefine-sym", f"main=main_{name}", built, renamed])
            objects.append(renamed)
        driver = os.path.join(place, "driver")
        with open(driver + ".c", "w", encoding="utf-8") as file:
            file.write(driver_of(self.names))
        run(["gcc", "-c", driver + ".c", "-o", driver + ".o"])
        return [driver + ".o", *objects]

    def compiled(self, path, text, place):
        """The object's path, or None."""
        source, made = os.path.join(place, os.path.basename(path)), os.path.join(place, "mutant.o")
        with open(source, "w", encoding="utf-8") as file:
            file.write(text)
        words = [word for word in self.commands[path] if not word.startswith(("-W", "-g"))]
        words = [word for i, word in enumerate(words) if word not in ("-MD", "-MF", "-MT") and words[i - 1] not in ("-MF", "-MT")]
        words[words.index("-o") + 1] = made
        words[words.index("-c") + 1] = source
        done = subprocess.run([word for word in words if os.path.basename(word) != "ccache"] + ["-w"], cwd=place,
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        return made if done.returncode == 0 else None

    def code(self, path, place):
        with self.lock:
            if path not in self.originals:
                with open(path, encoding="utf-8") as file:
                    self.originals[path] = open(self.compiled(path, file.read(), place), "rb").read()
            return self.originals[path]

    def link(self, place, made):
        """The program of all suites with the mutant."""
        program = os.path.join(place, "mutant")
        linked = subprocess.run(["gcc", "-o", program, *self.wraps, *self.fixed, made, *self.libraries],
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if linked.returncode:
            sys.exit(linked.stdout)
        return program

    def link_apart(self, name, place, path, made):
        """One program as CMake links it, with the mutant in the original's place."""
        program = os.path.join(place, name)
        found = glob.glob(os.path.join(self.folder, "tests", "**", name + ".dir", "link.txt"), recursive=True)[0]
        with open(found, encoding="utf-8") as file:
            words = shlex.split(file.read())
        home = os.path.dirname(os.path.dirname(os.path.dirname(found)))
        original = os.path.relpath(path, SOURCE) + ".o"
        words = [made if word.endswith("gemmule_objects.dir/" + original) else word for word in words]
        words = [word for archive in words for word in ([made, archive] if archive.endswith("libgemmule.a") else [archive])]
        words[words.index("-o") + 1] = program
        run(words, cwd=home)
        return program

    def fails(self, program, suite, fork="no"):
        def limits():
            resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
            resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        try:
            done = subprocess.run([program, str(suite)], cwd=SOURCE, timeout=30 * SECONDS, preexec_fn=limits,
                                  env={**os.environ, "CK_FORK": fork}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            return done.returncode != 0
        except subprocess.TimeoutExpired:
            return True

    def judge(self, mutant):
        """None: no mutant; otherwise the suite that killed it, or ''."""
        with open(mutant.path, encoding="utf-8") as file:
            text = file.read()
        with tempfile.TemporaryDirectory() as place:
            original = self.code(mutant.path, place)
            changed = text[:mutant.start] + mutant.text + text[mutant.end:]
            made = self.compiled(mutant.path, changed, place)
            if made is None or open(made, "rb").read() == original:
                return None
            program = self.link(place, made)
            killer = next((name for i, name in enumerate(self.names) if self.fails(program, i)), "")
            if killer:
                return killer
            return next((name for name in self.apart if self.fails(self.link_apart(name, place, mutant.path, made), 0, "yes")), "")


def lines_of(mutant):
    """Its line's number, and the line before and after."""
    with open(mutant.path, encoding="utf-8") as file:
        text = file.read()
    first, last = text.rfind("\n", 0, mutant.start) + 1, text.find("\n", mutant.end)
    changed = text[first:mutant.start] + mutant.text + text[mutant.end:last]
    return text.count("\n", 0, mutant.start) + 1, " ".join(text[first:last].split()), " ".join(changed.split())


def listed_survivors():
    """{(file, line, mutated line): reason}"""
    listed = {}
    with open(os.path.join(HERE, "survivors.txt"), encoding="utf-8") as file:
        for block in file.read().split("\n\n"):
            lines = [line for line in block.split("\n") if line and not line.startswith("#")]
            if lines:
                fields = {key: value.strip() for key, value in (line.split(":", 1) for line in lines)}
                listed[fields["file"], fields["line"], fields["mutant"]] = fields["reason"]
    return listed


def printed(path):
    """{(line, mutated line)} of what an earlier run printed."""
    with open(path, encoding="utf-8") as file:
        return set(re.findall(r"^  - (.*)\n  \+ (.*)$", file.read(), re.M))


def main():
    words = argparse.ArgumentParser(description="Mutation testing.")
    words.add_argument("build_dir")
    words.add_argument("group", choices=GROUPS)
    words.add_argument("--count", type=int, default=300)
    words.add_argument("--seed", type=int, default=1)
    words.add_argument("--again", metavar="FILE", help="only the survivors that an earlier run printed")
    words.add_argument("-j", dest="jobs", type=int, default=2)
    options = words.parse_args()
    bench = Bench(os.path.abspath(options.build_dir), options.group, options.jobs)
    paths = sorted(path for pattern in GROUPS[options.group][0] for path in glob.glob(os.path.join(SOURCE, pattern)))
    drawn = sorted(set(mutant for path in paths for mutant in mutants_of(path)))
    total = len(drawn)
    random.Random(options.seed).shuffle(drawn)
    if options.again:
        earlier = printed(options.again)
        drawn = [mutant for mutant in drawn if lines_of(mutant)[1:] in earlier]
    with tempfile.TemporaryDirectory() as place:
        text = open(paths[0], encoding="utf-8").read()
        made = bench.compiled(paths[0], text, place)
        whole = bench.link(place, made)
        programs = [(name, whole, i, "no") for i, name in enumerate(bench.names)]
        programs += [(name, bench.link_apart(name, place, paths[0], made), 0, "yes") for name in bench.apart]
        for name, program, i, fork in programs:
            if bench.fails(program, i, fork):
                sys.exit(f"{name} fails without any mutant")

    killers, survivors, judged = collections.Counter(), [], 0
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        while drawn and judged < options.count:
            batch, drawn = drawn[:options.count - judged], drawn[options.count - judged:]
            for mutant, killer in zip(batch, pool.map(bench.judge, batch)):
                if killer is None:
                    continue
                judged += 1
                if killer:
                    killers[killer] += 1
                else:
                    survivors.append(mutant)
                    number, line, changed = lines_of(mutant)
                    print(f"{os.path.relpath(mutant.path, SOURCE)}:{number}\n  - {line}\n  + {changed}", flush=True)

    listed = listed_survivors()
    unlisted = 0
    print()
    for mutant in survivors:
        number, line, changed = lines_of(mutant)
        reason = listed.get((os.path.relpath(mutant.path, SOURCE), line, changed))
        unlisted += reason is None
        print(f"{os.path.relpath(mutant.path, SOURCE)}:{number}: {reason or 'NOT LISTED'}\n  + {changed}")
    killed = sum(killers.values())
    print("\n" + "\n".join(f"{count:5} killed by {name}" for name, count in killers.most_common()))
    print(f"{options.group}: {killed} of {judged} mutants killed, {100 * killed / max(judged, 1):.1f} % (seed {options.seed}, of "
          f"{total} in all); {len(survivors)} survive, {unlisted} of them not listed")
    sys.exit(1 if unlisted or 100 * killed < GOAL * judged else 0)


main()
