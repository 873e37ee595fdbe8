
// The table of layers.

const FIRST_LAYERS = 100;  // shown until somebody asks for all
const OUTCOMES = ["failed", "refused", "late", "invalid"];

const layersView = { layers: [], key: "trouble", descending: true, all: false, order: [] };

function errorsOf(layer) {
  return OUTCOMES.reduce((sum, outcome) => sum + (layer.calls[outcome] ?? 0), 0);
}

// 0 for none.
function troubleOf(layer) {
  if (layer.state === "broken") return 3;
  if (layer.state === "incomplete") return 2;
  return layer.problem !== null ? 1 : 0;
}

const SORT_VALUES = {
  trouble: (layer) => troubleOf(layer) * 1e12 + layer.calls_per_second,
  name: (layer) => layer.name,
  state: (layer) => troubleOf(layer),
  runs_as: (layer) => layer.runs_as ?? "",
  rate: (layer) => layer.calls_per_second,
  p99: (layer) => layer.p99 ?? -1,
  work: (layer) => layer.work,
  errors: errorsOf,
};

function compareLayers(a, b) {
  const valueOf = SORT_VALUES[layersView.key];
  const x = valueOf(a), y = valueOf(b);
  const order = typeof x === "string" ? x.localeCompare(y) : x - y;
  return (layersView.descending ? -order : order) || a.name.localeCompare(b.name);
}

const STATES = {
  ready: ["●", "is-ready", "ready"],
  doubtful: ["▲", "is-doubtful", "not newest"],
  incomplete: ["◌", "is-incomplete", "incomplete"],
  broken: ["✕", "is-broken", "broken"],
};

function makeLayerRow() {
  const row = make("tr", { role: "row" },
    make("td", { class: "name" }, make("span"), make("small", { class: "versions" }),
      make("small", { class: "small-runs" }), make("small", { class: "problem" })),
    make("td", { class: "state" }, make("span", { class: "sign", "aria-hidden": "true" }), " ",
      make("span", { class: "word" })),
    make("td", { class: "runs" }),
    make("td", { class: "number" }), make("td", { class: "number" }, make("span"), make("small")),
    make("td", { class: "number" }, make("span"), make("span", { class: "bar", "aria-hidden": "true" }, make("i"))),
    make("td", { class: "number errors" }, make("span"), make("small")));
  for (const cell of row.children) cell.setAttribute("role", "cell");
  row.firstElementChild.setAttribute("role", "rowheader");
  return row;
}

function fillLayerRow(row, layer) {
  const [name, state, runs, rate, p99, work, errors] = row.children;
  const [title, versions, smallRuns, problem] = name.children;
  setText(title, layer.name);
  setText(versions, layer.versions.length > 0 ? `version ${layer.versions.join(", ")}` : "");
  setText(smallRuns, layer.runs_as ?? "");
  setText(problem, layer.problem ?? "");
  const doubtful = layer.state === "ready" && layer.problem !== null;
  const [sign, style, word] = STATES[doubtful ? "doubtful" : layer.state] ?? ["?", "", layer.state];
  setAttribute(state, "class", `state ${style}`);
  setText(state.children[0], sign);
  setText(state.children[1], word);
  setText(runs, layer.runs_as ?? "–");
  setText(rate, showRate(layer.calls_per_second));
  setText(p99.children[0], showDuration(layer.p99));
  setText(p99.children[1], layer.slowest_stage ?? "");
  setText(work.children[0], showPercent(layer.work));
  const width = `${(100 * layer.work).toFixed(1)}%`;
  if (work.children[1].firstElementChild.style.width !== width) {
    work.children[1].firstElementChild.style.width = width;
  }
  setText(errors.children[0], counts.format(errorsOf(layer)));
  errors.children[0].classList.toggle("bad", (layer.calls.failed ?? 0) + (layer.calls.refused ?? 0) > 0);
  setText(errors.children[1], OUTCOMES.filter((outcome) => layer.calls[outcome])
    .map((outcome) => `${counts.format(layer.calls[outcome])} ${outcome}`).join(", "));
}

// Rows do not move under a hand that points at them, or a keyboard that is among them.
function isTableInUse() {
  const pointed = matchMedia("(hover: hover)").matches && document.querySelector("#layers tbody:hover");
  return Boolean(pointed) || document.querySelector("#layers tbody:focus-within") !== null;
}

function sortLayers() {
  layersView.order = [...layersView.layers].sort(compareLayers).map((layer) => layer.name);
}

function drawLayers() {
  const wanted = byId("filter").value.trim().toLowerCase();
  const byName = new Map(layersView.layers.map((layer) => [layer.name, layer]));
  const ordered = layersView.order.filter((name) => byName.has(name)).map((name) => byName.get(name));
  const known = new Set(layersView.order);
  ordered.push(...layersView.layers.filter((layer) => !known.has(layer.name)));
  const found = ordered.filter((layer) => layer.name.toLowerCase().includes(wanted));
  const shown = layersView.all ? found : found.slice(0, FIRST_LAYERS);
  setChildren(document.querySelector("#layers tbody"), shown, (layer) => layer.name, makeLayerRow, fillLayerRow);
  const all = layersView.layers.length;
  setText(byId("layers-title"), all > 0 ? `Layers (${counts.format(all)})` : "Layers");
  const none = byId("layers-none");
  none.hidden = found.length > 0;
  setText(none, all > 0 ? "No layer has this in its name." : "No layers so far.");
  const more = byId("layers-all");
  more.hidden = found.length <= shown.length;
  setText(more, `Show all ${counts.format(found.length)} layers`);
}

function updateLayers(layers) {
  layersView.layers = layers;
  if (!isTableInUse()) sortLayers();
  drawLayers();
}

function listenToLayers() {
  for (const header of document.querySelectorAll("#layers th")) {
    header.firstElementChild.addEventListener("click", () => {
      const key = header.dataset.key;
      const texts = key === "name" || key === "runs_as";
      layersView.descending = layersView.key === key ? !layersView.descending : !texts;
      layersView.key = key;
      for (const other of document.querySelectorAll("#layers th")) other.removeAttribute("aria-sort");
      header.setAttribute("aria-sort", layersView.descending ? "descending" : "ascending");
      sortLayers();
      drawLayers();
    });
  }
  byId("filter").addEventListener("input", drawLayers);
  byId("layers-all").addEventListener("click", () => {
    layersView.all = true;
    drawLayers();
  });
}
