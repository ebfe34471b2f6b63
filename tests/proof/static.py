#!/usr/bin/python3
# SPDX-License-Identifier: MIT
#
# Static analysis of src: clang-tidy (with .clang-tidy at the top), cppcheck, gcc -fanalyzer. Run by hand; it needs
# Debian 12's gcc, clang-tidy and cppcheck. About five minutes on two cores.
#
#     static.py BUILD_DIR [-j N] [--tool NAME]
#
# What is found must be mended or stand in static_exceptions.txt with its reason; an exception that nothing meets is
# wrong, too.
import argparse
import collections
import concurrent.futures
import json
import os
import re
import shlex
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
SOURCE = os.path.dirname(os.path.dirname(HERE))
FOUND = re.compile(r"^(/[^:\n]+):(\d+):(?:\d+:)? (?:warning|error|style|performance|portability): (.*) \[([^\]]+)\]$", re.M)

Finding = collections.namedtuple("Finding", "tool check file line text message")


def output_of(command, folder="."):
    done = subprocess.run(command, cwd=folder, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if done.returncode < 0 or done.returncode > 1:
        sys.exit(f"{' '.join(command)}\n{done.stdout}\nexit status {done.returncode}")
    return done.stdout


def units(folder):
    output_of(["cmake", "-S", SOURCE, "-B", folder, "-DCMAKE_BUILD_TYPE=Release", "-DGEMMULE_TESTS=OFF",
               "-DCMAKE_C_COMPILER=gcc", "-DCMAKE_EXPORT_COMPILE_COMMANDS=ON"])
    with open(os.path.join(folder, "compile_commands.json"), encoding="utf-8") as file:
        return json.load(file)


def tidy(folder, unit):
    return output_of(["clang-tidy", "-p", folder, "--quiet", unit["file"]])


def cppcheck(folder, unit):
    words = shlex.split(unit["command"])
    flags = [word for word in words if re.match(r"-[DI]", word)]
    flags = [flag for flag in flags if flag.startswith("-D") or flag[2:].startswith((SOURCE, folder))]
    return output_of(["cppcheck", "--quiet", "--enable=warning,performance,portability,style", "--std=c11",
                      "--platform=unix64", "--suppress=missingIncludeSystem",
                      "--template={file}:{line}:{column}: {severity}: {message} [{id}]", *flags, unit["file"]])


def analyzer(_, unit):
    words = shlex.split(unit["command"])
    words[words.index("-o") + 1] = "/dev/null"
    return output_of([*words, "-fanalyzer"], unit["directory"])


TOOLS = {"clang-tidy": tidy, "cppcheck": cppcheck, "gcc": analyzer}


def line_of(path, number):
    with open(path, encoding="utf-8") as file:
        lines = file.read().split("\n")
    return " ".join(lines[number - 1].split()) if number <= len(lines) else ""


def findings_of(tool, text):
    found = set()
    for path, number, message, check in FOUND.findall(text):
        if os.path.realpath(path).startswith(SOURCE + os.sep):
            check = re.sub(r".*\[", "", check)
            found.add(Finding(tool, check, os.path.relpath(path, SOURCE), int(number), line_of(path, int(number)), message))
    return found


def exceptions():
    listed = []
    with open(os.path.join(HERE, "static_exceptions.txt"), encoding="utf-8") as file:
        for block in file.read().split("\n\n"):
            lines = [line for line in block.split("\n") if line and not line.startswith("#")]
            if lines:
                listed.append({key: value.strip() for key, value in (line.split(":", 1) for line in lines)})
    return listed


def meets(finding, exception):
    check, file, line = exception["check"], exception.get("file", ""), exception.get("line", "")
    return finding.check.split(",")[0] == check and file in ("", finding.file) and line in ("", finding.text)


def main():
    words = argparse.ArgumentParser(description="Static analysis of src.")
    words.add_argument("build_dir")
    words.add_argument("-j", dest="jobs", type=int, default=os.cpu_count())
    words.add_argument("--tool", action="append", choices=TOOLS)
    options = words.parse_args()
    folder = os.path.abspath(options.build_dir)
    tools = options.tool or list(TOOLS)
    work = [(tool, unit) for tool in tools for unit in units(folder)]
    found = set()
    with concurrent.futures.ThreadPoolExecutor(options.jobs) as pool:
        for tool, text in pool.map(lambda job: (job[0], TOOLS[job[0]](folder, job[1])), work):
            found |= findings_of(tool, text)

    listed = exceptions()
    wrong = [finding for finding in sorted(found) if not any(meets(finding, one) for one in listed)]
    for finding in wrong:
        print(f"{finding.file}:{finding.line}: {finding.message} [{finding.check}]\n    {finding.text}")
    idle = [one for one in listed if one["tool"] in tools and not any(meets(finding, one) for finding in found)]
    for one in idle:
        print(f"nothing meets the exception: {one}")
    excused = len(found) - len(wrong)
    print(f"{len(work)} analyses, {len(wrong)} findings, {excused} more excused by {len(listed)} exceptions, {len(idle)} of them idle")
    sys.exit(1 if wrong or idle else 0)


main()
