#!/usr/bin/python3
# SPDX-License-Identifier: MIT
#
# Lines, branches and conditions (MC/DC: each condition of a decision alone has changed its outcome) that the test
# programs cover in the rooms that must be right: shape, spec, .npy, the memory plan. Run by hand; it needs Debian 12's
# clang-19, llvm-19 and libclang-rt-19-dev beside the packages of the tests.
#
#     coverage.py BUILD_DIR [--group NAME] [--tests REGEX] [-j N]
#
# Builds in BUILD_DIR, runs the tests whose names match, prints a table and then each condition that is not covered, as
# file:line:column. mcdc_exceptions.txt says why some cannot be. Fails when a group has less than 95 % of its conditions
# covered (exceptions count as not covered), when one is neither covered nor listed, when a listed one is not there or
# covered after all, or when clang cannot measure a decision.
import argparse
import collections
import glob
import json
import os
import re
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
SOURCE = os.path.dirname(os.path.dirname(HERE))
GOAL = 95.0
GROUPS = {
    "shape": ["src/shape/*.c"],
    "spec": ["src/spec/*.c"],
    "npy": ["src/tensor/npy*.c", "src/tensor/file*.c"],
    "memory": ["src/plan/memory*.c"],
}
APART = "^test_(model|bounded|threads.*|sizes|warm_run)$"  # long, or about time
FLAGS = "-O1 -fprofile-instr-generate -fcoverage-mapping -fcoverage-mcdc"
DECISION = re.compile(r"MC/DC Decision Region \((\d+):(\d+)\) to \((\d+):(\d+)\)")
CONDITION = re.compile(r"Condition C(\d+) --> \((\d+):(\d+)\)")
PAIR = re.compile(r"C(\d+)-Pair: (covered|not covered|constant folded)")
UNMEASURED = re.compile(r"^(\S+?):(\d+):(\d+): warning: (unsupported MC/DC.*)$", re.M)

Condition = collections.namedtuple("Condition", "file line column text decision covered")


def run(command, **options):
    done = subprocess.run(command, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **options)
    if done.returncode:
        sys.exit(f"{' '.join(command)}\n{done.stdout}\nexit status {done.returncode}")
    return done.stdout


def files_of(group):
    return sorted(path for pattern in GROUPS[group] for path in glob.glob(os.path.join(SOURCE, pattern)))


def programs(folder, tests):
    """Names of the tests that match, which are those of their programs, too."""
    shown = json.loads(run(["ctest", "--test-dir", folder, "-R", tests, "-E", APART, "--show-only=json-v1"]))
    return [test["name"] for test in shown["tests"]]


def build(folder, files, tests, jobs):
    run(["cmake", "-S", SOURCE, "-B", folder, "-DCMAKE_BUILD_TYPE=Debug", "-DGEMMULE_TESTS=ON", "-DGEMMULE_CLI=OFF",
         "-DCMAKE_C_COMPILER=clang-19", "-DCMAKE_CXX_COMPILER=clang++-19", f"-DCMAKE_C_FLAGS={FLAGS}"])
    objects = os.path.join(folder, "CMakeFiles", "gemmule_objects.dir")
    for path in files:
        compiled = os.path.join(objects, os.path.relpath(path, SOURCE) + ".o")
        if os.path.exists(compiled):
            os.remove(compiled)
    return run(["cmake", "--build", folder, "-j", str(jobs), "--target", *programs(folder, tests)])


def measure(folder, tests, jobs):
    raw = os.path.join(folder, "profiles")
    os.makedirs(raw, exist_ok=True)
    for name in os.listdir(raw):
        os.remove(os.path.join(raw, name))
    run(["ctest", "--test-dir", folder, "-R", tests, "-E", APART, "-j", str(jobs), "--output-on-failure"],
        env={**os.environ, "LLVM_PROFILE_FILE": os.path.join(raw, "%m.profraw")})
    merged = os.path.join(folder, "merged.profdata")
    run(["llvm-profdata-19", "merge", "-sparse", *sorted(glob.glob(os.path.join(raw, "*.profraw"))), "-o", merged])
    return merged


def between(lines, start, end):
    """The text from start up to end, both (line, column), on one line."""
    text = lines[start[0] - 1:end[0]]
    text[-1] = text[-1][:end[1] - 1]
    text[0] = text[0][start[1] - 1:]
    return " ".join(" ".join(text).split())


def conditions_of(path, shown, branches):
    lines = open(path, encoding="utf-8").read().split("\n")
    ends = {(line, column): (end_line, end_column) for line, column, end_line, end_column, *_ in branches}
    found = []
    decision, places = None, {}
    for line in shown.split("\n"):
        if match := DECISION.search(line):
            numbers = [int(number) for number in match.groups()]
            decision, places = between(lines, numbers[:2], numbers[2:]), {}
        elif match := CONDITION.search(line):
            places[match.group(1)] = (int(match.group(2)), int(match.group(3)))
        elif (match := PAIR.search(line)) and match.group(2) != "constant folded":
            place = places[match.group(1)]
            text = between(lines, place, ends[place]) if place in ends else "?"
            found.append(Condition(os.path.relpath(path, SOURCE), *place, text, decision, match.group(2) == "covered"))
    return found


def report(folder, profile, files):
    """{file: (summary, conditions)}"""
    program = os.path.join(folder, "tests", "test_plan")
    whole = json.loads(run(["llvm-cov-19", "export", "-instr-profile", profile, program, *files]))["data"][0]["files"]
    result = {}
    for entry in whole:
        path = entry["filename"]
        if path in files:
            shown = run(["llvm-cov-19", "show", "-show-mcdc", "-instr-profile", profile, program, path])
            result[path] = entry["summary"], conditions_of(path, shown, entry["branches"])
    return result


def exceptions():
    """{(file, condition, decision): reason}"""
    listed = {}
    for block in open(os.path.join(HERE, "mcdc_exceptions.txt"), encoding="utf-8").read().split("\n\n"):
        lines = [line for line in block.split("\n") if line and not line.startswith("#")]
        if lines:
            fields = dict(line.split(": ", 1) for line in lines)
            listed[fields["file"], fields["condition"].strip(), fields["in"].strip()] = fields["reason"].strip()
    return listed


def row(name, counts):
    print(f"{name:34}" + "".join(f"{have:7}/{all_:<5}{100 * have / max(all_, 1):6.1f} %" for have, all_ in counts))


def counts_of(summary, conditions):
    return [(summary["lines"]["covered"], summary["lines"]["count"]),
            (summary["branches"]["covered"], summary["branches"]["count"]),
            (sum(condition.covered for condition in conditions), len(conditions))]


def main():
    words = argparse.ArgumentParser(description="Coverage of the rooms that must be right.")
    words.add_argument("build_dir")
    words.add_argument("--group", action="append", choices=GROUPS)
    words.add_argument("--tests", default="^test_", help="a regular expression of test names; ^test_")
    words.add_argument("-j", dest="jobs", type=int, default=os.cpu_count())
    options = words.parse_args()
    folder = os.path.abspath(options.build_dir)
    groups = options.group or list(GROUPS)
    files = [path for group in groups for path in files_of(group)]

    log = build(folder, files, options.tests, options.jobs)
    result = report(folder, measure(folder, options.tests, options.jobs), files)
    listed = exceptions()
    wrong = []

    print(f"{'file':34}{'lines':>20}{'branches':>21}{'conditions (MC/DC)':>22}")
    uncovered = []
    for group in groups:
        total = [[0, 0], [0, 0], [0, 0]]
        for path in files_of(group):
            if path not in result:
                wrong.append(f"{os.path.relpath(path, SOURCE)}: not measured")
                continue
            counts = counts_of(*result[path])
            row(os.path.relpath(path, SOURCE), counts)
            uncovered += [condition for condition in result[path][1] if not condition.covered]
            for kind, (have, all_) in enumerate(counts):
                total[kind][0] += have
                total[kind][1] += all_
        row(f"= {group}", total)
        print()
        if 100 * total[2][0] < GOAL * total[2][1]:
            wrong.append(f"{group}: less than {GOAL:.0f} % of the conditions are covered")

    seen = set()
    for condition in uncovered:
        key = condition.file, condition.text, condition.decision
        seen.add(key)
        print(f"{condition.file}:{condition.line}:{condition.column}: {condition.text}")
        print(f"    in {condition.decision}")
        print(f"    {listed.get(key, 'NOT LISTED')}")
        if key not in listed:
            wrong.append(f"{condition.file}:{condition.line}:{condition.column}: neither covered nor listed")
    names = {os.path.relpath(path, SOURCE) for path in files}
    wrong += [f"listed, but covered or not there: {key}" for key in listed if key not in seen and key[0] in names]
    for path, line, column, what in UNMEASURED.findall(log):
        path = os.path.relpath(os.path.join(folder, path), SOURCE)
        if path in names:
            wrong.append(f"{path}:{line}:{column}: {what}")
    print("\n" + "\n".join(wrong) + f"\n{len(uncovered)} conditions not covered, {len(wrong)} wrong")
    sys.exit(1 if wrong else 0)


main()
