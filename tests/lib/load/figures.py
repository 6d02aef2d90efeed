"""What is measured, and how it is shown."""

import os
import pathlib
import platform
import statistics
from dataclasses import dataclass


@dataclass(frozen=True)
class Run:
    """How much is measured, and a folder for it."""

    rounds: int
    seconds: int
    home: pathlib.Path


@dataclass(frozen=True)
class Figure:
    """One row: what it is, what came out, what it must be, and the absolute numbers behind it."""

    name: str
    value: str
    bar: str
    is_met: bool | None
    reference: str


def ratio(name: str, bar: float, ours: list[float], theirs: list[float], reference: str) -> Figure:
    """The median of the ratios of each round, with the lowest and the highest."""
    middle, value = ratios_of(ours, theirs)
    absolute = f"{statistics.median(ours):,.0f} to {statistics.median(theirs):,.0f} {reference}"
    return Figure(name, value, f"≥ {bar:.2f}", middle >= bar, absolute)


def ratio_at_most(name: str, bar: float, ours: list[float], theirs: list[float], reference: str) -> Figure:
    """The same where less is better."""
    middle, value = ratios_of(ours, theirs)
    absolute = f"{statistics.median(ours):,.1f} to {statistics.median(theirs):,.1f} {reference}"
    return Figure(name, value, f"≤ {bar:.2f}", middle <= bar, absolute)


def at_most(name: str, unit: str, bar: float, values: list[float], reference: str) -> Figure:
    """The median of the values, with the lowest and the highest where there are several."""
    middle = statistics.median(values)
    value = f"{middle:.1f} {unit}" + (f" ({min(values):.1f}–{max(values):.1f})" if len(values) > 1 else "")
    return Figure(name, value, f"≤ {bar:.0f} {unit}", middle <= bar, reference)


def ratios_of(ours: list[float], theirs: list[float]) -> tuple[float, str]:
    ratios = [mine / other for mine, other in zip(ours, theirs, strict=True)]
    middle = statistics.median(ratios)
    return middle, f"{middle:.2f} ({min(ratios):.2f}–{max(ratios):.2f})"


def table(figures: list[Figure]) -> str:
    mark = {True: "yes", False: "**no**", None: ""}
    rows = ["| figure | measured | bar | met | for reference |", "|---|---|---|---|---|"]
    rows += [f"| {f.name} | {f.value} | {f.bar} | {mark[f.is_met]} | {f.reference} |" for f in figures]
    cores = f"{os.cpu_count()} cores, {platform.machine()}"
    rows += ["", f"Medians of one run on {cores}; in brackets the lowest and the highest round."]
    return "\n".join(rows)
