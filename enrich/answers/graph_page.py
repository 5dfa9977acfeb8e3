"""The page that shows a graph in a browser: static, without any request, and without `eval`.

The policy of the page allows exactly its own style and its own script, by their hashes. The script
writes names as text only, so that markup in them stays text.
"""

from __future__ import annotations

import base64
import hashlib

_STYLE = """
body { font: 14px/1.4 sans-serif; margin: 1.5em; color: #222; background: #fff; }
h1 { font-size: 1.3em; } h2 { font-size: 1.05em; margin: 1.2em 0 .4em; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 0 1em; margin: 0; }
dt { color: #666; } dd { margin: 0; overflow-wrap: anywhere; }
main { display: grid; grid-template-columns: minmax(20em, 1fr) 1fr; gap: 2em; }
svg { width: 100%; height: 70vh; border: 1px solid #ddd; }
line { stroke: #bbb; stroke-width: 1; } line.near { stroke: #c40; stroke-width: 2; }
circle { fill: #47a; cursor: pointer; } circle.near { fill: #c40; }
text { font-size: 10px; pointer-events: none; }
table { border-collapse: collapse; width: 100%; } td, th { text-align: left; padding: .15em .6em; }
td { border-top: 1px solid #eee; overflow-wrap: anywhere; } tr { cursor: pointer; }
td.number { text-align: right; } input { width: 100%; padding: .4em; box-sizing: border-box; }
ul { margin: 0; padding-left: 1.2em; }
"""

# The picture has the first nodes only: more of them would not be readable, nor quick.
_SCRIPT = r"""
"use strict";
const data = JSON.parse(document.getElementById("data").textContent);
const PICTURED = 120, LISTED = 500, STEPS = 250, SIZE = 1000;
const rank = node => node.pagerank_score || 0;
const nodes = data.nodes.slice().sort((a, b) => rank(b) - rank(a));
const byId = new Map(nodes.map(node => [node.id, node]));
const out = new Map(), into = new Map();
for (const edge of data.edges) {
  (out.get(edge.source) || out.set(edge.source, []).get(edge.source)).push(edge);
  (into.get(edge.target) || into.set(edge.target, []).get(edge.target)).push(edge);
}
function add(parent, name, text) {
  const element = document.createElement(name);
  if (text !== undefined) element.textContent = String(text);
  parent.appendChild(element);
  return element;
}
function draw(parent, name, attributes) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  parent.appendChild(element);
  return element;
}
const titleOf = node => node.name || node.file_path || node.id;
const facts = document.getElementById("facts");
for (const [name, value] of Object.entries(data.facts)) {
  add(facts, "dt", name);
  add(facts, "dd", typeof value === "object" ? JSON.stringify(value) : value);
}
const shapes = new Map(), lines = [];
function show(node) {
  const page = document.getElementById("node");
  page.replaceChildren();
  add(page, "h2", titleOf(node));
  const list = add(page, "dl");
  for (const [name, value] of Object.entries(node)) {
    add(list, "dt", name);
    add(list, "dd", value);
  }
  const near = new Set([node.id]);
  for (const [title, edges, end] of [["to", out, "target"], ["from", into, "source"]]) {
    const found = edges.get(node.id) || [];
    add(page, "h2", title + " (" + found.length + ")");
    const items = add(page, "ul");
    for (const edge of found.slice(0, LISTED)) {
      near.add(edge[end]);
      const other = byId.get(edge[end]);
      const item = add(items, "li", (other ? titleOf(other) : edge[end]) + " \u00b7 " +
        (edge.edge_type || ""));
      if (other) item.addEventListener("click", () => show(other));
    }
  }
  for (const [id, shape] of shapes) shape.classList.toggle("near", near.has(id));
  for (const [edge, line] of lines)
    line.classList.toggle("near", edge.source === node.id || edge.target === node.id);
}
function list() {
  const words = document.getElementById("filter").value.toLowerCase();
  const body = document.getElementById("rows");
  body.replaceChildren();
  const found = nodes.filter(node =>
    (titleOf(node) + " " + (node.file_path || "")).toLowerCase().includes(words));
  for (const node of found.slice(0, LISTED)) {
    const row = add(body, "tr");
    add(row, "td", titleOf(node));
    add(row, "td", node.node_type || "");
    add(row, "td", rank(node).toFixed(4)).className = "number";
    row.addEventListener("click", () => show(node));
  }
  document.getElementById("count").textContent =
    Math.min(found.length, LISTED) + " of " + nodes.length + " nodes, " +
    data.edges.length + " edges";
}
function picture() {
  const svg = document.getElementById("picture");
  const shown = nodes.slice(0, PICTURED).map((node, place, all) => ({
    node: node,
    x: SIZE / 2 + SIZE / 3 * Math.cos(place * 2.399963), dx: 0,
    y: SIZE / 2 + SIZE / 3 * Math.sin(place * 2.399963) * (0.3 + place / all.length), dy: 0,
  }));
  const places = new Map(shown.map(one => [one.node.id, one]));
  const edges = data.edges.filter(edge => edge.source !== edge.target &&
    places.has(edge.source) && places.has(edge.target));
  const wanted = SIZE / Math.sqrt(shown.length + 1);
  for (let step = 0; step < STEPS; step++) {
    for (const one of shown) for (const other of shown) {
      if (one === other) continue;
      const x = one.x - other.x || 0.1, y = one.y - other.y || 0.1;
      const force = wanted * wanted / (x * x + y * y);
      one.dx += x * force;
      one.dy += y * force;
    }
    for (const edge of edges) {
      const one = places.get(edge.source), other = places.get(edge.target);
      const x = one.x - other.x, y = one.y - other.y, pull = Math.hypot(x, y) / wanted / 4;
      one.dx -= x * pull; one.dy -= y * pull; other.dx += x * pull; other.dy += y * pull;
    }
    const most = SIZE / 12 * (1 - step / STEPS);
    for (const one of shown) {
      const length = Math.hypot(one.dx, one.dy) || 1, move = Math.min(length, most) / length;
      one.x = Math.min(SIZE - 20, Math.max(20, one.x + one.dx * move));
      one.y = Math.min(SIZE - 20, Math.max(20, one.y + one.dy * move));
      one.dx = one.dy = 0;
    }
  }
  for (const edge of edges) {
    const one = places.get(edge.source), other = places.get(edge.target);
    lines.push([edge, draw(svg, "line", {x1: one.x, y1: one.y, x2: other.x, y2: other.y})]);
  }
  const most = Math.max(...shown.map(one => rank(one.node)), 1e-9);
  for (const [place, one] of shown.entries()) {
    const size = 4 + 12 * Math.sqrt(rank(one.node) / most);
    const shape = draw(svg, "circle", {cx: one.x, cy: one.y, r: size});
    draw(shape, "title", {}).textContent = titleOf(one.node);
    shape.addEventListener("click", () => show(one.node));
    shapes.set(one.node.id, shape);
    if (place < 25)
      draw(svg, "text", {x: one.x + size + 2, y: one.y + 3}).textContent = titleOf(one.node);
  }
}
document.getElementById("filter").addEventListener("input", list);
list();
picture();
"""


def _hash_of(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def page_parts() -> tuple[str, str]:
    """Return the page before and after its data, which are JSON without `<`, `>` and `&`."""
    policy = (
        f"default-src 'none'; style-src 'sha256-{_hash_of(_STYLE)}';"
        f" script-src 'sha256-{_hash_of(_SCRIPT)}'; base-uri 'none'; form-action 'none'"
    )
    before = f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<title>Graph of code</title>
<style>{_STYLE}</style>
</head>
<body>
<h1>Graph of code</h1>
<dl id="facts"></dl>
<main>
<section>
<h2 id="count"></h2>
<input id="filter" placeholder="name or path" aria-label="name or path">
<table>
<thead><tr><th>node</th><th>type</th><th>PageRank</th></tr></thead>
<tbody id="rows"></tbody>
</table>
</section>
<section>
<svg id="picture" viewBox="0 0 1000 1000"></svg>
<div id="node"></div>
</section>
</main>
<script type="application/json" id="data">"""
    return before, f"</script>\n<script>{_SCRIPT}</script>\n</body>\n</html>\n"
