
// Asks /status again and again, and shows it.

const SIGNS = { ok: "●", warning: "▲", critical: "✕", starting: "◐", draining: "◑", lost: "✕", unknown: "○" };
const WORDS = { ok: "up", warning: "look here", critical: "trouble", starting: "starting", draining: "draining", lost: "lost" };
const PERIOD_MS = 1000;
const LONGEST_PERIOD_MS = 5000;
const PATIENCE_MS = 5000;

const charts = [
  new Chart({ title: "Calls per second", show: showNumber, floor: 1, filled: true, series: [
    { key: "answered", label: "answered", series: 1 }] }),
  new Chart({ title: "Calls not answered, per second", show: showNumber, floor: 1, series: [
    { key: "refused", label: "refused", series: 2 }, { key: "late", label: "late", series: 4 },
    { key: "invalid", label: "invalid", series: 3 }, { key: "failed", label: "failed", series: 5 }] }),
  new Chart({ title: "Time in the server", show: showDuration, floor: 1e-3, series: [
    { key: "p50", label: "half within", series: 1 }, { key: "p99", label: "99 % within", series: 2 }] }),
  new Chart({ title: "Time by stage", show: showDuration, floor: 1e-3, choice: ["p50", "p99"], series: [
    { key: "decode", label: "decode", series: 3 }, { key: "queue", label: "queue", series: 2 },
    { key: "compute", label: "compute", series: 1 }, { key: "respond", label: "respond", series: 4 }] }),
  new Chart({ title: "Batch size", show: showNumber, floor: 2, series: [
    { key: "batch_parts", label: "requests or parts in a batch", series: 1 }] }),
  new Chart({ title: "Queue", show: showNumber, floor: 5, series: [
    { key: "queue_requests", label: "calls that wait", series: 1 }] }),
];

const NOW = [
  ["Calls per second", (now) => showRate(sum(now.calls_per_second))],
  ["Not answered", (now) => showPercent(notAnswered(now.calls_per_second))],
  ["Half within", (now) => showDuration(now.p50)],
  ["99 % within", (now) => showDuration(now.p99)],
  ["Workers busy", (now) => showPercent(now.utilisation), (now) => `${digits(now.cores)} cores`],
  ["In the queue", (now) => counts.format(now.queue_requests)],
  ["Memory", (now) => showBytes(now.resident_bytes), (now) =>
    now.memory_limit_bytes > 0 ? `of ${showBytes(now.memory_limit_bytes)}` : ""],
];

const sum = (object) => Object.values(object).reduce((a, b) => a + b, 0);

function notAnswered(perSecond) {
  const all = sum(perSecond);
  return all > 0 ? 1 - perSecond.answered / all : 0;
}

function setLevel(level, sentence) {
  const body = document.body;
  setText(byId("sentence"), sentence);
  if (body.dataset.level === level) return;
  body.dataset.level = level;
  body.classList.toggle("lost", level === "lost");
  setText(byId("sign"), SIGNS[level] ?? "?");
  document.title = `Convoy: ${WORDS[level] ?? level}`;
  // Read aloud when the state changes, not when its numbers do.
  setText(byId("announcement"), sentence);
  const colour = { ok: "%231a7437", warning: "%23c98500", critical: "%23c62828", lost: "%23c62828" }[level] ?? "%231d5fc4";
  document.querySelector("link[rel=icon]").href =
    `data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'><circle cx='8' cy='8' r='7' fill='${colour}'/></svg>`;
}

function updateState({ state, server, time }) {
  setLevel(state.level, state.sentence);
  setChildren(byId("also"), state.also, (text) => text, (text) => make("li", {}, text), () => {});
  const facts = [server.version, server.grpc_address && `gRPC at ${server.grpc_address}`,
    server.started && `up for ${showAge(time - server.started)}`,
    server.workers && `${server.workers} workers`, server.instruction_set];
  setText(byId("server"), facts.filter(Boolean).join(" · "));
  setText(byId("updated"), `As of ${showTime(time)}`);
}

function updateNow(now) {
  setChildren(byId("now"), NOW, ([title]) => title,
    ([title]) => make("div", {}, make("dt", {}, title), make("dd", {}, make("span"), " ", make("small"))),
    (tile, [, show, more]) => {
      setText(tile.querySelector("span"), now === null ? "–" : show(now));
      setText(tile.querySelector("small"), now === null || !more ? "" : more(now));
    });
}

function updateWarnings(warnings) {
  const list = byId("warnings");
  if (warnings.length === 0) {
    if (!list.querySelector(".none")) list.replaceChildren(make("li", { class: "none" }, "None since the start."));
    return;
  }
  setChildren(list, warnings, (warning) => `${warning.level} ${warning.message}`,
    (warning) => make("li", {}, make("time"), make("span", { class: warning.level }), make("code", {}, warning.message)),
    (row, warning) => {
      setText(row.children[0], showTime(warning.time));
      setText(row.children[1], warning.level + (warning.count > 1 ? ` ×${counts.format(warning.count)}` : ""));
    });
}

function updateCursor() {
  const end = charts[0].end();
  setText(byId("cursor"), cursor.time === null ? "" : `${showTime(cursor.time)}, ${showAge(end - cursor.time)} ago`);
}

let running = null;  // the version that this page came from
let latest = null;   // when the last answer came, by this machine's clock

function update(status) {
  // Another server's page; not again and again, should two of them take turns.
  if (running !== null && running !== status.server.version && performance.now() > 60e3) {
    location.reload();
  }
  running = status.server.version;
  latest = Date.now();
  updateState(status);
  updateNow(status.now);
  for (const chart of charts) chart.update(status.history);
  updateCursor();
  updateLayers(status.layers);
  updateWarnings(status.warnings);
}

function lose(error) {
  const since = latest === null ? "" : ` for ${showAge((Date.now() - latest) / 1e3)}`;
  const old = latest === null ? "" : ` What stands below is from ${showTime(latest / 1e3)}.`;
  setLevel("lost", `Lost the server: no answer${since}.${old}`);
  setChildren(byId("also"), [`Trying again. ${error}`.trim()], (text) => text, (text) => make("li", {}, text), () => {});
}

// Kept for this tab, until it is closed.
const TOKEN = "convoy-token";

class NotAllowed extends Error {}

async function ask() {
  const token = sessionStorage.getItem(TOKEN);
  const headers = token ? { authorization: `Bearer ${token}` } : {};
  const answer = await fetch("/status", { cache: "no-store", headers, signal: AbortSignal.timeout(PATIENCE_MS) });
  if (answer.status === 401) throw new NotAllowed(token ? "The token is not valid." : "The server asks for a token.");
  if (answer.status === 403) throw new NotAllowed("The token does not allow to look.");
  if (!answer.ok) throw new Error(`It answers ${answer.status} ${answer.statusText}.`);
  return answer.json();
}

const sleep = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

// Asks for a token until one is given.
async function login(why) {
  setLevel("unknown", why);
  setChildren(byId("also"), [], (text) => text, (text) => make("li", {}, text), () => {});
  const form = byId("login");
  form.hidden = false;
  byId("token").focus();
  await new Promise((resolve) => form.addEventListener("submit", (event) => {
    event.preventDefault();
    resolve();
  }, { once: true }));
  sessionStorage.setItem(TOKEN, byId("token").value.trim());
  byId("token").value = "";
  form.hidden = true;
}

// A page that nobody sees asks nothing.
function untilVisible() {
  if (document.visibilityState === "visible") return Promise.resolve();
  return new Promise((resolve) => document.addEventListener("visibilitychange", resolve, { once: true }));
}

function show(status) {
  try {
    update(status);
  } catch (error) {
    setLevel("lost", "This page cannot show what the server says; /status has it as JSON.");
    reportError(error);
  }
}

async function follow() {
  for (let failures = 0; ;) {
    const begin = performance.now();
    try {
      const status = await ask();
      failures = 0;
      show(status);
    } catch (error) {
      if (error instanceof NotAllowed) {
        await login(error.message);
        continue;
      }
      ++failures;
      lose(error instanceof TypeError || error.name === "TimeoutError" ? "" : error.message);
    }
    // On a slow line or a slow machine less often.
    const took = performance.now() - begin;
    const period = Math.min(LONGEST_PERIOD_MS, Math.max(PERIOD_MS * Math.max(1, failures), 4 * took));
    await sleep(Math.max(100, period - took));
    await untilVisible();
  }
}

byId("charts").append(...charts.map((chart) => chart.figure));
cursor.listeners.push(updateCursor);
updateNow(null);
listenToLayers();
follow();
