"""What a comparison declares, and how a side measures itself."""

import resource
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

OURS, PEERS, LEDGER = "yulan.site.settings", "benchmarks.peers.settings", "benchmarks.peers.ledger_settings"
"""Settings of a side."""
MIB = 2**20


@dataclass
class Work:
    """What a side is given, and what it gives: figures by name, and answers that the other side must give too."""

    var: Path
    """Its data folder, which is YULAN_VAR."""
    sheets: Path
    """Folder of the prepared workbooks."""
    quick: bool = False
    figures: dict[str, float] = field(default_factory=dict)
    answers: dict[str, Any] = field(default_factory=dict)

    def few(self, count: int) -> int:
        """Give a count, a tenth of it in a quick run."""
        return count // 10 if self.quick else count

    @contextmanager
    def timed(self, name: str, per: int = 1) -> Iterator[None]:
        """Keep the CPU and wall seconds of a block, each divided by `per`."""
        began, wall = cpu(), time.perf_counter()
        yield
        self.figures[name] = (cpu() - began) / per
        self.figures[f"{name} wall"] = (time.perf_counter() - wall) / per

    def repeat(self, name: str, act: Callable[[], Any], *, batches: int = 7, seconds: float = 0.25) -> None:
        """Keep the CPU and wall seconds of one call: medians of batches that last so long."""
        act()
        began = cpu()
        act()
        calls = max(1, round(seconds / max(cpu() - began, 1e-6)))
        costs, walls = [], []
        for _ in range(3 if self.quick else batches):
            began, wall = cpu(), time.perf_counter()
            for _ in range(calls):
                act()
            costs.append((cpu() - began) / calls)
            walls.append((time.perf_counter() - wall) / calls)
        self.figures |= {name: median(costs), f"{name} wall": median(walls)}


@dataclass(frozen=True)
class Side:
    """A function that does the work, the data it starts from, and how often it runs.

    `data` names a folder of `ground`; a side that writes gets a copy of it.
    """

    name: str
    run: Callable[[Work], None]
    data: str
    settings: str = OURS
    writes: bool = False
    repeats: int = 3
    packages: Sequence[str] = ()


@dataclass(frozen=True)
class Measure:
    """A line of the table: a figure of one side, and of another where the target is a ratio.

    Sides give what things cost; `scale` turns that into `unit`, and `rate` shows how many there are in one of it.
    `target` is the least ratio, or, without a peer, the most that the figure may be; None where it is only told.
    """

    label: str
    unit: str
    side: str
    figure: str
    peer: str = ""
    peer_figure: str = ""
    target: float | None = None
    scale: float = 1
    rate: bool = False

    def shown(self, cost: float) -> float:
        """Give a cost in the unit of the line."""
        return self.scale / cost if self.rate else cost * self.scale


@dataclass(frozen=True)
class Comparison:
    """What one file compares."""

    title: str
    sides: Sequence[Side]
    measures: Sequence[Measure]


def cpu() -> float:
    """Give the CPU seconds of this process and of its children that have ended."""
    spent = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(use.ru_utime + use.ru_stime for use in spent)


def peak(who: int = resource.RUSAGE_SELF) -> float:
    """Give the most memory this process (or the largest child that has ended) has held, in bytes."""
    return resource.getrusage(who).ru_maxrss * 1024.0
