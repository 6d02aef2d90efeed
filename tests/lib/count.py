"""Add up what cargo test, pytest, node --test and examples/run say at their ends, and print it as one line.

    count.py STATUS FOLDER

FOLDER holds what the runners printed. STATUS is the exit status of the suite: a suite that failed never closes on
"0 failed", even where what failed was a linter or a build and no test.
"""

import pathlib
import re
import sys

WORDS = {
    "pass": "passed",
    "fail": "failed",
    "cancelled": "failed",
    "ignored": "skipped",
    "error": "failed",
    "errors": "failed",
}
CLOSING_LINES = (
    re.compile(r"test result: \w+\. (.+)"),  # cargo test: "ok. 12 passed; 0 failed; 1 ignored; ..."
    re.compile(r"=+ (.+) in [\d.]+s.* =+"),  # pytest: "==== 7 passed, 1 failed in 0.75s ===="
    re.compile(r"ℹ ((?:pass|fail|cancelled|skipped) \d+)"),  # node: one line each
    re.compile(r"examples: (.+)"),  # examples/run: "examples: 110 passed, 0 failed"
)


def main() -> None:
    totals = {"passed": 0, "failed": 0, "skipped": 0}
    status, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    for log in folder.glob("*.log"):
        for line in log.read_text(errors="replace").splitlines():
            for word, number in closing_counts(line):
                if word in totals:
                    totals[word] += number
    if status != "0":
        totals["failed"] = max(1, totals["failed"])
    skipped = f", {totals['skipped']} skipped" if totals["skipped"] else ""
    print(f"{totals['passed']} passed, {totals['failed']} failed{skipped}")


def closing_counts(line: str) -> list[tuple[str, int]]:
    for pattern in CLOSING_LINES:
        if found := pattern.fullmatch(line):
            return [counted(part) for part in re.findall(r"\d+ [a-z]+|[a-z]+ \d+", found[1])]
    return []


def counted(part: str) -> tuple[str, int]:
    first, second = part.split()
    word, number = (second, first) if first.isdigit() else (first, second)
    return WORDS.get(word, word), int(number)


if __name__ == "__main__":
    main()
