"""The page of a real book in a real browser: no script error, no request, no sideways scroll on a phone."""

from __future__ import annotations

import functools
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from argosy.reporting.charts.lines import Series, drawdown_figure, growth_figure
from argosy.reporting.documents.page import NARROW, WIDE, Drawing, Page, Section, Tile, page_html
from argosy.reporting.documents.tables import TableBlock
from tests.reporting.documents.test_page import HOSTILE, table

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
REQUIRED = os.environ.get("ARGOSY_REQUIRE_BROWSER", "") not in ("", "0")


@functools.cache
def browser() -> str:
    found = next((path for name in BROWSERS if (path := shutil.which(name))), "")
    if not found:
        if REQUIRED:
            pytest.fail("no chromium in PATH, and ARGOSY_REQUIRE_BROWSER is set", pytrace=False)
        pytest.skip("needs chromium in PATH")
    return found


def dump(page: Path, folder: Path, *, width: int = 1280) -> str:
    """The page's document after it was laid out."""
    done = subprocess.run(
        [browser(), "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking",
         "--disable-component-update", "--disable-sync", "--allow-file-access-from-files", "--virtual-time-budget=3000",
         f"--user-data-dir={folder / 'profile'}", f"--window-size={width},900", "--dump-dom", page.as_uri()],
        capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    from argosy.adapters.render.svg import svg

    days = list(range(14613, 17863))
    values = [100.0 + 40 * ((i * 7919) % 1000) / 1000 + i / 40 for i in range(len(days))]
    sections = []
    for place, name in enumerate(["Growth", HOSTILE[0]]):
        blocks: list[object] = []
        for figure in (
            growth_figure([Series(name, days, values), Series("Index", days, values)]),
            drawdown_figure([Series(name, days, [-(i % 300) / 1000 for i in range(len(days))])]),
        ):
            label = f"s{place}-{figure.title.split()[0].lower()}"
            told = {"title": figure.title, "description": figure.description}
            wide, narrow = (
                svg(figure.spec(*size), name=f"{label}{n}", **told) for n, size in enumerate((WIDE, NARROW))
            )
            blocks.append(Drawing(figure, wide, narrow))
        blocks.append(
            TableBlock(table([*HOSTILE, "A rather long name of an instrument " * 3]), "Holdings", bars="weight")
        )
        tiles = [Tile("Net asset value, USD", "123,456,789,012.34", "cash 1,234,567.89")] * 5
        sections.append(Section(name, "lead " * 20, tiles, blocks, ["warning " * 10]))  # type: ignore[arg-type]
    target = tmp_path_factory.mktemp("page") / "page.html"
    target.write_text(
        page_html(Page("A title with averylongwordthatdoesnotbreakbyitselfatallnever", "sub", sections)), "utf-8"
    )
    return target


def test_names_stay_text_in_a_browser(page: Path, tmp_path: Path) -> None:
    document = dump(page, tmp_path)
    assert "<script" not in document
    assert "onerror=" not in re.sub(r"&lt;.*?&gt;|&quot;&gt;&lt;img src=x onerror=alert\(1\)&gt;", "", document)
    assert document.count("<svg") == 8


# A page beside it measures it, since the page itself allows no script.
MEASURE = """<!doctype html><body style="margin:0">
<iframe id="f" style="border:0;width:{width}px;height:800px" src="{page}"></iframe><pre id="r"></pre><script>
document.getElementById('f').onload = function () {{
  var d = document.getElementById('f').contentDocument, root = d.documentElement, out = [];
  out.push('scroll=' + root.scrollWidth, 'client=' + root.clientWidth);
  out.push('wide=' + Array.from(d.querySelectorAll('svg')).filter(s => s.getBoundingClientRect().width > 0).length);
  var lost = Array.from(d.querySelectorAll('.tile dd b,.tile dt,h1,h2,h3,.lead')).filter(function (e) {{
    var r = e.getBoundingClientRect(); return r.width > 0 && (r.right > root.clientWidth + 0.5 || r.left < -0.5); }});
  out.push('lost=' + lost.length);
  var inside = Array.from(d.querySelectorAll('.tile')).filter(t => t.scrollWidth > t.clientWidth + 1);
  out.push('burst=' + inside.length);
  document.getElementById('r').textContent = 'MEASURED ' + out.join(' ') + ' END';
}};
</script></body>"""


@pytest.mark.parametrize("width", [320, 360, 768, 1280])
def test_no_sideways_scroll(page: Path, tmp_path: Path, width: int) -> None:
    measure = tmp_path / "measure.html"
    measure.write_text(MEASURE.format(width=width, page=page.as_uri()), "utf-8")
    document = dump(measure, tmp_path, width=1400)
    found = dict(part.split("=") for part in re.search(r"MEASURED (.*?) END", document).group(1).split())  # type: ignore[union-attr]
    assert int(found["scroll"]) <= width, found
    assert found["lost"] == "0"
    assert found["burst"] == "0"
    assert found["wide"] == "4"  # of each figure's two sizes one is shown
