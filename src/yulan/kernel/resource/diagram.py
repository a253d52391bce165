"""A lifecycle as an SVG drawing: the usual way downwards, what leaves it to the right, steps back on the left."""

from collections import Counter, defaultdict
from html import escape

from yulan.kernel.lifecycle import Lifecycle

WIDTH, HEIGHT, GAP_X, GAP_Y, TOP, LEFT = 148, 56, 170, 44, 16, 176
PORTS, LANE = (-19, 15, -2, -11, 7), 9
"""Where arrows reach a state, from its middle: the first three so far apart that each can be named. And the pixels
between two arrows side by side."""


def _layers(lifecycle: Lifecycle) -> dict[str, int]:
    """Give each state its row: along the usual way by its place there, else one below where it is left from."""
    rows = {state.name: index for index, state in enumerate(lifecycle.path())}
    waiting = [move for move in lifecycle.moves if move.target not in rows]
    while waiting:
        for move in waiting:
            known = [rows[source] for source in move.sources if source in rows]
            if known:
                rows[move.target] = min(known) + 1
        waiting = [move for move in waiting if move.target not in rows]
    return rows


def _places(lifecycle: Lifecycle) -> dict[str, tuple[int, int]]:
    """Give each state its column and row; the usual way stands in column 0."""
    used: dict[int, int] = defaultdict(int)
    found: dict[str, tuple[int, int]] = {}
    usual = {state.name for state in lifecycle.path()}
    for name, row in sorted(_layers(lifecycle).items(), key=lambda item: (item[0] not in usual, item[1])):
        if name not in usual and not used[row]:
            used[row] = 1
        found[name] = (used[row], row)
        used[row] += 1
    return found


def draw(lifecycle: Lifecycle) -> str:
    """Draw the lifecycle."""
    places = _places(lifecycle)
    columns, rows = max(c for c, _ in places.values()) + 2, max(r for _, r in places.values()) + 1
    width = LEFT + columns * (WIDTH + GAP_X) - GAP_X - WIDTH
    height = TOP * 2 + rows * (HEIGHT + GAP_Y) - GAP_Y
    edges: dict[tuple[str, str], list[str]] = defaultdict(list)
    for move in lifecycle.moves:
        for source in move.sources:
            edges[source, move.target].append(str(move.label))
    parts = [
        f'<svg class="y-lifecycle" aria-hidden="true" viewBox="0 0 {width} {height}" '
        f'width="{width}" height="{height}">',
        '<defs><marker id="tip" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="8" markerHeight="8" orient="auto">'
        '<path d="M0 0L8 4L0 8z" fill="currentColor"/></marker></defs>',
    ]
    router = _Router()
    parts += [router.edge(places[a], places[b], " / ".join(labels)) for (a, b), labels in edges.items()]
    parts += [_state(lifecycle, name, place) for name, place in places.items()]
    return "".join([*parts, "</svg>"])


def _corner(place: tuple[int, int]) -> tuple[int, int]:
    return LEFT + place[0] * (WIDTH + GAP_X), TOP + place[1] * (HEIGHT + GAP_Y)


def _state(lifecycle: Lifecycle, name: str, place: tuple[int, int]) -> str:
    x, y = _corner(place)
    state = lifecycle.states[name]
    end = ' stroke-width="3"' if lifecycle.is_terminal(name) else ""
    return (
        f'<g class="y-state y-tone-{state.tone or "info"}"><rect x="{x}" y="{y}" width="{WIDTH}" height="{HEIGHT}" '
        f'rx="6" stroke="currentColor"{end}/><text x="{x + WIDTH // 2}" y="{y + HEIGHT // 2 + 5}" '
        f'text-anchor="middle" fill="currentColor" stroke="none">{escape(str(state.label))}</text></g>'
    )


Place = tuple[int, int]


class _Router:
    """Leads arrows around: every arrow has its own port at a state and its own lane between columns."""

    def __init__(self) -> None:
        self._ports: Counter[tuple[Place, str]] = Counter()
        self._lanes: Counter[int] = Counter()
        self._said: set[tuple[Place, str]] = set()

    def edge(self, a: Place, b: Place, label: str) -> str:
        """Draw one arrow with its label; of several arrows of one label into one state only the first is named."""
        if a[0] == b[0] and b[1] == a[1] + 1:
            (x, y), (_x, stop) = _corner(a), _corner(b)
            middle = x + WIDTH // 2
            return _arrow(f"M{middle} {y + HEIGHT}V{stop}", label, (middle + 6, (y + HEIGHT + stop) // 2 + 4), "start")
        if a[0] == b[0]:
            return self._back(a, b, label)
        return self._across(a, b, label)

    def _port(self, place: Place, side: str) -> int:
        """Give the height of the next free port on a side of a state."""
        used = self._ports[place, side]
        self._ports[place, side] += 1
        return _corner(place)[1] + HEIGHT // 2 + PORTS[used % len(PORTS)]

    def _lane(self, column: int) -> int:
        self._lanes[column] += 1
        return self._lanes[column] * LANE

    def _back(self, a: Place, b: Place, label: str) -> str:
        """Up the same column, on its left."""
        x = _corner(a)[0]
        lane, start, stop = x - 10 - self._lane(-1 - a[0]), self._port(a, "left"), self._port(b, "left")
        return _arrow(f"M{x} {start}H{lane}V{stop}H{x}", label, (lane - 6, (start + stop) // 2 + 4), "end")

    def _across(self, a: Place, b: Place, label: str) -> str:
        """Between two columns; the label stands beside the state on the right."""
        right, left = (b, a) if b[0] > a[0] else (a, b)
        near, far = _corner(right)[0], _corner(left)[0] + WIDTH
        lane, at = far + 6 + self._lane(left[0]), self._port(right, "left")
        other = self._port(left, "right")
        path = f"M{far} {other}H{lane}V{at}H{near}" if right is b else f"M{near} {at}H{lane}V{other}H{far}"
        named = (right, label) not in self._said
        self._said.add((right, label))
        return _arrow(path, label if named else "", (near - 10, at - 3), "end")


def _arrow(path: str, label: str, at: tuple[int, int], anchor: str) -> str:
    words = escape(label)
    return (
        f'<g class="y-move"><path d="{path}" fill="none" stroke="currentColor" marker-end="url(#tip)"/>'
        f'<text x="{at[0]}" y="{at[1]}" text-anchor="{anchor}" fill="currentColor" stroke="none">{words}</text></g>'
    )
