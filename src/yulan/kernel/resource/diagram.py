"""A lifecycle as an SVG drawing: states in layers by distance from the first, moves as arrows."""

from collections import defaultdict
from html import escape

from yulan.kernel.lifecycle import Lifecycle

WIDTH, HEIGHT, GAP_X, GAP_Y, MARGIN = 132, 40, 44, 56, 24


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
    width = MARGIN * 2 + columns * (WIDTH + GAP_X)
    height = MARGIN * 2 + rows * (HEIGHT + GAP_Y) - GAP_Y
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
    parts += [_edge(places[a], places[b], labels, index) for index, ((a, b), labels) in enumerate(edges.items())]
    parts += [_state(lifecycle, name, place) for name, place in places.items()]
    return "".join([*parts, "</svg>"])


def _corner(place: tuple[int, int]) -> tuple[int, int]:
    return MARGIN + place[0] * (WIDTH + GAP_X), MARGIN + place[1] * (HEIGHT + GAP_Y)


def _state(lifecycle: Lifecycle, name: str, place: tuple[int, int]) -> str:
    x, y = _corner(place)
    state = lifecycle.states[name]
    end = ' stroke-width="3"' if lifecycle.is_terminal(name) else ""
    return (
        f'<g class="y-state y-tone-{state.tone or "info"}"><rect x="{x}" y="{y}" width="{WIDTH}" height="{HEIGHT}" '
        f'rx="6" stroke="currentColor"{end}/><text x="{x + WIDTH // 2}" y="{y + HEIGHT // 2 + 5}" '
        f'text-anchor="middle" fill="currentColor" stroke="none">{escape(str(state.label))}</text></g>'
    )


def _edge(a: tuple[int, int], b: tuple[int, int], labels: list[str], index: int) -> str:
    (ax, ay), (bx, by) = _corner(a), _corner(b)
    label = escape(" / ".join(labels))
    if a[0] == b[0] and b[1] == a[1] + 1:
        x = ax + WIDTH // 2
        path, at, anchor = f"M{x} {ay + HEIGHT}L{x} {by}", (x + 6, ay + HEIGHT + GAP_Y // 2 + 4), "start"
    elif a[1] == b[1]:
        y = ay + HEIGHT // 2 + (8 if ax > bx else -8)
        start, stop = (ax + WIDTH, bx) if ax < bx else (ax, bx + WIDTH)
        path, at, anchor = f"M{start} {y}L{stop} {y}", ((start + stop) // 2, y - 5), "middle"
    elif a[0] == b[0]:
        reach = ax - 14 - (index % 3) * 4
        path = f"M{ax} {ay + HEIGHT // 2}C{reach - 24} {ay},{reach - 24} {by + HEIGHT},{bx} {by + HEIGHT // 2}"
        at, anchor = (ax - 4, (ay + by + HEIGHT) // 2), "end"
    else:
        start = ax + WIDTH if ax < bx else ax
        stop = bx if ax < bx else bx + WIDTH
        middle = (start + stop) // 2
        ya, yb = ay + HEIGHT // 2, by + HEIGHT // 2
        path = f"M{start} {ya}C{middle} {ya},{middle} {yb},{stop} {yb}"
        at, anchor = (middle, (ay + by + HEIGHT) // 2), "middle"
    return (
        f'<g class="y-move"><path d="{path}" fill="none" stroke="currentColor" marker-end="url(#tip)"/>'
        f'<text x="{at[0]}" y="{at[1]}" text-anchor="{anchor}" fill="currentColor" stroke="none">{label}</text></g>'
    )
