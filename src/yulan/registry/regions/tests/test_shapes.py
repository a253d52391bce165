"""The map: light, complete, and in step with the register."""

import json
from datetime import date

from shapely.geometry import shape

from yulan.registry.regions.history import Gazetteer
from yulan.registry.regions.shapes import MAP_NAME, province_shapes, write_asset


def test_every_province_has_a_valid_outline(tmp_path):
    text = write_asset(tmp_path).read_text()
    assert len(text.encode()) <= 300_000
    features = json.loads(text)["features"]
    provinces = {f["properties"]["code"]: f for f in features if f["properties"]["code"]}
    register = Gazetteer.load()
    today = {s.code: s.name for s in register if s.level == "province" and s.in_force(date(2026, 1, 1))}
    assert {code: f["properties"]["name"] for code, f in provinces.items()} == today
    for feature in provinces.values():
        outline = shape(feature["geometry"])
        assert outline.area > 0.001
        assert outline.buffer(0).area > 0.97 * outline.area


def test_boundary_lines_are_kept_and_the_name_is_not_china():
    lines = [f for f in province_shapes()["features"] if not f["properties"]["code"]]
    assert lines
    assert all(f["geometry"]["type"].endswith("LineString") for f in lines)
    assert MAP_NAME != "china"
