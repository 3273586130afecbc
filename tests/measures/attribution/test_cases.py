"""Published and peer figures: every attribution case of the shared cases through the public functions."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from argosy.measures.attribution.brinson import brinson
from argosy.measures.attribution.hierarchy import brinson_hierarchy
from argosy.measures.attribution.linking import davies_laker, link


@pytest.fixture(scope="module")
def analytics(shared_cases: Path) -> dict[str, Any]:
    return json.loads((shared_cases / "analytics.json").read_text())


def case(analytics: dict[str, Any], name: str) -> dict[str, Any]:
    return next(item for item in analytics["cases"] if item["id"] == name)


def test_bacon_bhb(analytics: dict[str, Any]) -> None:
    item = case(analytics, "attr-bhb-bacon")
    given, want = item["inputs"], item["expected"]
    fx = brinson(given["wp"], given["wb"], given["rp"], given["rb"], method="brinson-hood-beebower")
    for name in ("allocation", "selection", "interaction"):
        np.testing.assert_allclose(getattr(fx, name)[0], want[name], rtol=0, atol=item["tolerance"])
    assert fx.portfolio[0] == pytest.approx(want["portfolio"], abs=item["tolerance"])
    assert fx.benchmark[0] == pytest.approx(want["benchmark"], abs=item["tolerance"])


@pytest.mark.parametrize(
    ("name", "method"),
    [("attr-link-carino-bf", "brinson-fachler"), ("attr-link-carino-bhb", "brinson-hood-beebower")],
)
def test_carino_linked(analytics: dict[str, Any], name: str, method: Any) -> None:
    item = case(analytics, name)
    data = analytics["datasets"]["attrib10"]
    fx = brinson(*arrays(data), method=method)
    linked = link(np.stack([fx.allocation, fx.selection, fx.interaction], axis=1), fx.portfolio, fx.benchmark)
    for row, effect in enumerate(("allocation", "selection", "interaction")):
        want = item["expected"][effect]
        np.testing.assert_allclose(linked.linked[row], want[:-1], rtol=0, atol=item["tolerance"])
        assert linked.linked[row].sum() == pytest.approx(want[-1], abs=item["tolerance"])
    assert linked.linked.sum() == pytest.approx(item["expected"]["excess"], abs=item["tolerance"])


def test_davies_laker(analytics: dict[str, Any]) -> None:
    item = case(analytics, "attr-davies-laker")
    wp, wb, rp, rb = arrays(analytics["datasets"]["attrib10"])
    got = davies_laker((wp * rp).sum(1), (wb * rb).sum(1), (wp * rb).sum(1), (wb * rp).sum(1))
    for effect, want in item["expected"].items():
        assert got[effect] == pytest.approx(want, abs=item["tolerance"])


def test_hierarchy(analytics: dict[str, Any]) -> None:
    item = case(analytics, "attr-hierarchy")
    given, want = item["inputs"], item["expected"]
    regions = [f"region {code}" for code in given["region"]]
    countries = [f"country {n}" for n in range(len(regions))]
    out = brinson_hierarchy(
        given["wp"], given["wb"], given["rp"], given["rb"], [("region", regions), ("country", countries)]
    )
    np.testing.assert_allclose(out.levels[0].allocation[0], want["region_allocation"], rtol=0, atol=1e-12)
    np.testing.assert_allclose(out.levels[1].allocation[0], want["country_allocation"], rtol=0, atol=1e-12)
    np.testing.assert_allclose(out.selection[0], want["selection"], rtol=0, atol=1e-12)
    assert out.total[0] == pytest.approx(want["active"], abs=1e-12)


def arrays(data: dict[str, Any]) -> tuple[Any, Any, Any, Any]:
    """Weights (constant over the quarters) and returns of the ten assets, periods x assets."""
    rp, rb = np.array(data["portfolio_returns"]), np.array(data["benchmark_returns"])
    return np.broadcast_to(data["wp"], rp.shape), np.broadcast_to(data["wb"], rb.shape), rp, rb
