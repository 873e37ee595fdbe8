
// Lines over the last two minutes.

const MARGIN = { left: 54, right: 6, top: 8, bottom: 18 };
const WINDOW_SECONDS = 120;

// 1, 2 or 5 times a power of ten that is not below `value`.
function niceCeiling(value) {
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 5, 10].map((step) => step * power).find((nice) => nice >= value * 0.9999);
}

// "0.50 ms" as an axis has it: "0.5 ms".
function withoutZeros(text) {
  return text.replace(/\.0+(?=\D|$)/, "").replace(/(\.\d*[1-9])0+(?=\D|$)/, "$1");
}

// The time that all charts point at: of a point of the history, or null for the latest.
const cursor = { time: null, listeners: [] };

function pointAt(time) {
  cursor.time = time;
  for (const listener of cursor.listeners) listener();
}

// `options`:
//   title
//   series   [{ key, label, series: 1 to 5 }, ...], key being a member of the history
//   show     a value as text
//   floor    the highest value is shown as at least this
//   filled   the first series has an area
//   choice   the last parts of the keys, of which one is shown: with "p99" the series of
//            "queue" is "queue_p99"
class Chart {
  constructor(options) {
    this.options = options;
    this.history = { time: [] };
    this.values = new Map();
    const legend = make("ul", { class: "legend" });
    for (const { key, label, series } of options.series) {
      const value = make("b", {}, "–");
      this.values.set(key, value);
      legend.append(make("li", { class: `series-${series}` }, make("i"), `${label} `, value));
    }
    this.svg = makeSvg("svg", { role: "img", tabindex: "0" });
    this.caption = make("figcaption", {}, options.title);
    if (options.choice) this.addChoice(options.choice);
    const frame = make("div", { class: "chart" });
    frame.append(this.svg);
    this.figure = make("figure", {}, this.caption, legend, frame);
    this.listen(frame);
  }

  addChoice(choice) {
    this.chosen = choice.at(-1);
    const group = make("fieldset", { class: "choice" }, make("legend", { class: "unseen" }, this.options.title));
    for (const value of choice) {
      const radio = make("input", { type: "radio", name: this.options.title, value });
      radio.checked = value === this.chosen;
      radio.addEventListener("change", () => {
        this.chosen = value;
        this.draw();
      });
      group.append(make("label", {}, radio, value));
    }
    this.caption.append(group);
  }

  // The values of one of the options' series.
  valuesOf({ key }) {
    return this.history[this.chosen ? `${key}_${this.chosen}` : key] ?? [];
  }

  valueOf(series) {
    return this.valuesOf(series)[this.index()] ?? null;
  }

  listen(frame) {
    new ResizeObserver(() => this.draw()).observe(frame);
    cursor.listeners.push(() => this.draw());
    this.svg.addEventListener("pointermove", (event) => {
      const { left, width } = this.svg.getBoundingClientRect();
      const share = (event.clientX - left - MARGIN.left) / (width - MARGIN.left - MARGIN.right);
      this.pointNear(this.end() - WINDOW_SECONDS * (1 - share));
    });
    this.svg.addEventListener("pointerleave", () => pointAt(null));
    this.svg.addEventListener("blur", () => pointAt(null));
    this.svg.addEventListener("keydown", (event) => this.onKey(event));
  }

  onKey(event) {
    const times = this.history.time;
    const now = this.index();
    const next = { ArrowLeft: now - 1, ArrowRight: now + 1, Home: 0, End: times.length - 1,
                   PageUp: now - 10, PageDown: now + 10 }[event.key];
    if (event.key === "Escape") pointAt(null);
    if (next === undefined || times.length === 0) return;
    event.preventDefault();
    pointAt(times[Math.min(Math.max(next, 0), times.length - 1)]);
    setText(byId("reading"), `${showTime(cursor.time)}: ${this.says()}`);
  }

  end() {
    return this.history.time.at(-1) ?? 0;
  }

  pointNear(time) {
    const times = this.history.time;
    if (times.length === 0) return;
    pointAt(times.reduce((a, b) => (Math.abs(b - time) < Math.abs(a - time) ? b : a)));
  }

  // Of the point that the cursor points at.
  index() {
    const times = this.history.time;
    const found = cursor.time === null ? -1 : times.findIndex((time) => time >= cursor.time - 0.01);
    return found < 0 ? times.length - 1 : found;
  }

  says() {
    return this.options.series
      .map((series) => `${series.label} ${this.options.show(this.valueOf(series))}`)
      .join(", ");
  }

  update(history) {
    this.history = history;
    this.draw();
  }

  draw() {
    const width = this.svg.clientWidth;
    const height = this.svg.clientHeight;
    if (width === 0) return;
    const { series, show, title, floor, filled } = this.options;
    const lines = series.map((one) => this.valuesOf(one));
    const highest = Math.max(floor, ...lines.flat().filter((value) => value !== null));
    const top = niceCeiling(highest);
    const x = (time) =>
      MARGIN.left + (1 - (this.end() - time) / WINDOW_SECONDS) * (width - MARGIN.left - MARGIN.right);
    const y = (value) => height - MARGIN.bottom - (value / top) * (height - MARGIN.top - MARGIN.bottom);
    const parts = this.drawGrid(width, height, top, y);
    series.forEach(({ series: colour }, i) => {
      const path = this.pathOf(lines[i], x, y);
      if (filled && i === 0) {
        parts.push(makeSvg("path", { class: `area series-${colour}`, d: this.areaOf(lines[i], x, y) }));
      }
      parts.push(makeSvg("path", { class: `series-${colour}`, d: path }));
    });
    if (cursor.time !== null && this.history.time.length > 0) {
      const at = x(this.history.time[this.index()]);
      parts.push(makeSvg("line", { class: "cursor", x1: at, x2: at, y1: MARGIN.top, y2: height - MARGIN.bottom }));
    }
    this.svg.replaceChildren(...parts);
    setAttribute(this.svg, "viewBox", `0 0 ${width} ${height}`);
    setAttribute(this.svg, "aria-label", `${title}${this.chosen ? ` (${this.chosen})` : ""}, last two minutes. Now: ${this.says()}. ` +
      `Highest: ${show(Math.max(0, ...lines.flat()))}. Arrow keys read single seconds.`);
    for (const one of series) setText(this.values.get(one.key), show(this.valueOf(one)));
  }

  drawGrid(width, height, top, y) {
    const parts = [];
    for (const value of [0, top / 2, top]) {
      const at = Math.round(y(value)) + 0.5;
      parts.push(makeSvg("line", { class: "grid", x1: MARGIN.left, x2: width - MARGIN.right, y1: at, y2: at }));
      const label = makeSvg("text", { x: MARGIN.left - 6, y: at + 4, "text-anchor": "end" });
      label.textContent = value === 0 ? "0" : withoutZeros(this.options.show(value));
      parts.push(label);
    }
    const ages = [["2 min ago", "start", MARGIN.left], ["1 min", "middle", (MARGIN.left + width - MARGIN.right) / 2],
                  ["now", "end", width - MARGIN.right]];
    for (const [text, anchor, at] of ages) {
      const label = makeSvg("text", { x: at, y: height - 4, "text-anchor": anchor });
      label.textContent = text;
      parts.push(label);
    }
    return parts;
  }

  // Runs of neighbours that have a value: [[[x, y], ...], ...].
  runsOf(values, x, y) {
    const runs = [];
    let open = false;
    values.forEach((value, i) => {
      const there = value !== null && this.history.time[i] >= this.end() - WINDOW_SECONDS;
      if (there && !open) runs.push([]);
      if (there) runs.at(-1).push([x(this.history.time[i]), y(value)]);
      open = there;
    });
    return runs;
  }

  pathOf(values, x, y) {
    const point = ([px, py]) => `${px.toFixed(1)} ${py.toFixed(1)}`;
    // One value alone is a short stroke.
    return this.runsOf(values, x, y)
      .map((run) => `M${run.map(point).join("L")}${run.length === 1 ? "h1" : ""}`)
      .join("");
  }

  areaOf(values, x, y) {
    const point = ([px, py]) => `${px.toFixed(1)} ${py.toFixed(1)}`;
    return this.runsOf(values, x, y)
      .map((run) => `M${run.map(point).join("L")}L${point([run.at(-1)[0], y(0)])}L${point([run[0][0], y(0)])}Z`)
      .join("");
  }
}
