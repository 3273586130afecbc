"""The style sheet of a page: light and dark, screen and paper, desk and phone."""

from __future__ import annotations

from argosy.reporting.charts.palette import DARK, LIGHT

PAPER_LIGHT = {"paper": "#ffffff", "ground": "#f4f6f8", "line": "#dfe3e8", "band": "#f7f9fb", "gain": "#1d7044"}
PAPER_DARK = {"paper": "#1a1e24", "ground": "#111418", "line": "#333a43", "band": "#20252c", "gain": "#6fd3a3"}


def _variables(*colors: dict[str, str]) -> str:
    return "".join(f"--{role}:{color};" for given in colors for role, color in given.items())


RULES = """
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;scroll-behavior:smooth}
body{margin:0;background:var(--ground);color:var(--ink);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,
"Helvetica Neue",Arial,sans-serif}
.sheet{max-width:1120px;margin:0 auto;padding:0 20px 48px}
header.top{padding:36px 0 12px}
header.top h1{font-size:1.9rem;line-height:1.2;margin:0 0 4px;letter-spacing:-.01em;overflow-wrap:anywhere}
header.top p{margin:0;color:var(--muted)}
header.top .mark{font-weight:700;letter-spacing:.14em;font-size:.75rem;text-transform:uppercase;color:var(--series-1);
margin:0 0 8px}
nav{display:flex;flex-wrap:wrap;gap:8px;margin:16px 0 0;padding:0;list-style:none}
nav a{color:var(--ink);text-decoration:none;border:1px solid var(--line);background:var(--paper);border-radius:999px;
padding:4px 14px;font-size:.9rem;overflow-wrap:anywhere}
nav a:hover,nav a:focus-visible{border-color:var(--series-1);color:var(--series-1)}
a:focus-visible,summary:focus-visible,.scroll:focus-visible{outline:2px solid var(--series-1);outline-offset:2px}
section{margin:36px 0 0;scroll-margin-top:12px}
section>h2{font-size:1.35rem;margin:0 0 2px;overflow-wrap:anywhere}
section>.lead{margin:0 0 14px;color:var(--muted)}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(196px,1fr));gap:12px;margin:14px 0}
.tile{background:var(--paper);border:1px solid var(--line);border-radius:10px;padding:12px 16px;min-width:0}
.tile dt{font-size:.8rem;color:var(--muted);margin:0}
.tile dd{margin:2px 0 0;font-size:1.25rem;font-weight:600;font-variant-numeric:tabular-nums;line-height:1.3}
.tile dd b{font-weight:600;white-space:nowrap}
.tile dd span{font-size:.7em;font-weight:500;color:var(--muted);margin-left:.35em}
.tile dd small{display:block;font-size:.78rem;font-weight:400;color:var(--muted);line-height:1.4}
.tile.long{grid-column:span 2}
.card{background:var(--paper);border:1px solid var(--line);border-radius:10px;padding:16px 18px;margin:12px 0;
min-width:0}
.card h3{font-size:1rem;margin:0 0 8px}
.card>p{margin:8px 0 0;font-size:.85rem;color:var(--muted)}
.pair{display:grid;grid-template-columns:1fr 1fr;gap:12px;align-items:start}
.pair .card{margin:0 0 12px}
.pair>div>.card:last-child{margin:0}
.pair>div{min-width:0}
figure{margin:0}
figure svg{display:block;width:100%;height:auto}
figure svg.narrow{display:none}
.legend{display:flex;flex-wrap:wrap;gap:4px 18px;margin:0 0 6px;padding:0;list-style:none;font-size:.85rem;
color:var(--muted)}
.legend i{display:inline-block;width:18px;height:3px;border-radius:2px;vertical-align:middle;margin-right:7px}
.scroll{overflow-x:auto;margin:0 -18px;padding:0 18px}
table{border-collapse:collapse;width:100%;font-size:.875rem;font-variant-numeric:tabular-nums}
caption{text-align:left;font-weight:600;font-size:1rem;padding:0 0 8px}
caption small{font-weight:400;color:var(--muted);font-size:.82rem;margin-left:8px}
th,td{padding:6px 10px;text-align:left;white-space:nowrap;font-weight:400}
th:first-child,td:first-child{padding-left:0}
th:last-child,td:last-child{padding-right:0}
td.t{white-space:normal;min-width:7em;max-width:24em;overflow-wrap:break-word}
.n{text-align:right}
thead th{color:var(--muted);font-size:.8rem;vertical-align:bottom;border-bottom:1px solid var(--muted)}
thead th small{display:block;font-size:.72rem;opacity:.85}
tbody tr+tr>*{border-top:1px solid var(--line)}
tbody tr:hover>*{background:var(--band)}
tfoot td,tfoot th{border-top:1px solid var(--muted);font-weight:600}
.loss{color:var(--loss)}
.none{color:var(--muted)}
.bar{display:inline-block;height:.55em;border-radius:2px;background:var(--series-1);opacity:.55;vertical-align:middle;
margin-right:8px}
details.card>summary{cursor:pointer;font-weight:600}
details.card>summary small{font-weight:400;color:var(--muted);margin-left:8px}
details.card[open]>summary{margin-bottom:10px}
.warning{border-left:3px solid var(--series-2);background:var(--paper);padding:8px 14px;margin:10px 0;
border-radius:0 8px 8px 0;
font-size:.9rem;overflow-wrap:anywhere}
footer{margin:44px 0 0;border-top:1px solid var(--line);padding:16px 0 0;color:var(--muted);font-size:.82rem}
footer h2{font-size:.9rem;margin:0 0 6px;color:var(--ink)}
footer dl{display:grid;grid-template-columns:max-content 1fr;gap:2px 16px;margin:0}
footer dt{margin:0}
footer dd{margin:0;overflow-wrap:anywhere;font-variant-numeric:tabular-nums}
footer ul{margin:6px 0 12px;padding-left:18px}
.skip{position:absolute;left:-999px}
.skip:focus{left:8px;top:8px;background:var(--paper);padding:6px 12px;z-index:2}
@media (max-width:760px){
.sheet{padding:0 12px 32px}
header.top{padding:22px 0 8px}
header.top h1{font-size:1.45rem}
.pair{grid-template-columns:1fr}
.tiles{grid-template-columns:1fr 1fr;gap:8px}
.tile{padding:10px 12px}
.tile dd{font-size:1rem}
.card{padding:12px 14px}
.scroll{margin:0 -14px 0 0;padding:0 14px 0 0}
figure svg.wide{display:none}
figure svg.narrow{display:block}
th,td{padding:6px 8px}
.scroll th[scope=row],.scroll thead th:first-child,.scroll tfoot>tr>:first-child{position:sticky;left:0;
background:var(--paper);max-width:40vw;overflow:hidden;text-overflow:ellipsis}
td.t{min-width:10em}
footer dl{grid-template-columns:1fr}
footer dd{margin:0 0 6px}
}
@media (max-width:480px){
.lo{display:none}
table{font-size:.82rem}
th,td{padding:6px 5px}
.bar{margin-right:5px}
}
@media print{
@page{margin:14mm}
body{background:#fff;font-size:11px}
.sheet{max-width:none;padding:0}
nav,.skip{display:none}
section{break-before:auto}
.card,.tile{break-inside:avoid;border-color:#ccc}
details.card{break-inside:auto}
details::details-content{content-visibility:visible;block-size:auto}
.scroll{overflow:visible}
thead{display:table-header-group}
tr{break-inside:avoid}
}
@media (prefers-reduced-motion:reduce){html{scroll-behavior:auto}}
"""

STYLE = (
    ":root{color-scheme:light dark;" + _variables(LIGHT, PAPER_LIGHT) + "}"
    "@media screen and (prefers-color-scheme:dark){:root{" + _variables(DARK, PAPER_DARK) + "}}"
    + RULES.replace("\n", "")
)  # fmt: skip
