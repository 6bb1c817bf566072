"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const $ = (id) => document.getElementById(id);
  const SHORT = 15;
  const NO_VALUES = "This row has no values: the evaluation ended before it had any.";
  let all = false;

  const number = (cell) => (cell === null ? NaN : cell === "inf" ? Infinity : cell === "-inf" ? -Infinity : cell);
  const sum = (list) => list.reduce((total, each) => total + each, 0);

  function make(name, attributes, ...children) {
    const svg = name === "svg" || name === "rect" || name === "path";
    const node = svg ? document.createElementNS("http://www.w3.org/2000/svg", name) : document.createElement(name);
    for (const [key, value] of Object.entries(attributes || {})) node.setAttribute(key, value);
    node.append(...children);
    return node;
  }

  const exponent = (value) => Math.floor(Math.log10(value));
  const grouped = (digits) => {
    const [whole, rest] = digits.split(".");
    const spaced = whole.replace(/\B(?=(\d{3})+$)/g, ",");
    return rest === undefined ? spaced : spaced + "." + rest;
  };

  function special(value, unknown) {
    if (Number.isNaN(value)) return unknown;
    return Number.isFinite(value) ? null : value > 0 ? "\u221e" : "\u2212\u221e";
  }

  // The same rules as in numbers.py: four significant digits of the largest, more where errors are small.
  function writer(values, errors) {
    const largest = Math.max(0, ...values.filter(Number.isFinite).map(Math.abs));
    const power = largest > 0 ? exponent(largest) : 0;
    const plain = power >= -5 && power <= 6;
    let decimals = largest > 0 ? Math.max(0, 3 - power) : 0;
    const least = Math.min(...errors.filter((error) => Number.isFinite(error) && error > 0));
    if (Number.isFinite(least)) decimals += Math.min(2, Math.max(0, 1 - exponent(least) - decimals));
    return (value) => {
      const told = special(value, "no value");
      if (told !== null) return told;
      const digits = plain ? grouped(Math.abs(value).toFixed(decimals)) : Math.abs(value).toExponential(3);
      return (value < 0 && /[1-9]/.test(digits) ? "\u2212" : "") + digits;
    };
  }

  function errorText(error) {
    const told = special(error, "unknown");
    if (told !== null) return told;
    if (error === 0) return "exact";
    const power = exponent(error);
    return power >= -5 && power <= 6 ? grouped(error.toFixed(Math.max(0, 1 - power))) : error.toExponential(1);
  }

  function bar(value, lower, upper, scale) {
    const place = (x) => {
      const share = Number.isFinite(x) ? (x / 2 - scale.low / 2) / (scale.high / 2 - scale.low / 2) : x > 0 ? 1 : 0;
      return 200 * Math.min(1, Math.max(0, share));
    };
    const picture = make("svg", { viewBox: "0 0 200 14", preserveAspectRatio: "none", "aria-hidden": "true" });
    const zero = place(0);
    if (!Number.isNaN(value)) {
      const end = place(value);
      picture.append(make("rect", {
        class: value > 0 ? "bz-up" : "bz-down", x: Math.min(zero, end), y: 2, width: Math.abs(end - zero), height: 10,
      }));
    }
    if (scale.low < 0 && scale.high > 0) picture.append(make("path", { class: "bz-zero", d: `M${zero} 0v14` }));
    if (upper > lower) {
      const inside = (x) => x >= scale.low && x <= scale.high;
      const caps = [lower, upper].filter(inside).map((x) => `M${place(x)} 4v6`).join("");
      picture.append(make("path", { class: "bz-whisker", d: `M${place(lower)} 7H${place(upper)}${caps}` }));
    }
    return picture;
  }

  function scaleOf(values, lower, upper) {
    const finite = values.filter(Number.isFinite);
    const reach = 2.5 * Math.max(0, ...finite.map(Math.abs));
    const ends = [...lower, ...upper].filter((x) => !Number.isNaN(x)).map((x) => Math.min(reach, Math.max(-reach, x)));
    const low = Math.min(0, ...finite, ...ends), high = Math.max(0, ...finite, ...ends);
    if (high / 2 - low / 2 === 0) return { low: 0, high: 1 };
    const most = Number.MAX_VALUE;
    return { low: Math.max(-most, 1.01 * low), high: Math.min(most, 1.01 * high) };
  }

  function cellText(cell) {
    return cell === null ? "missing" : String(cell);
  }

  function showRow() {
    const row = $("row").selectedIndex, chosen = data.outputs[$("output") ? $("output").selectedIndex : 0];
    const ids = chosen.ids ? chosen.ids[row] : data.features.map((_, index) => index);
    const values = chosen.values[row].map(number), errors = chosen.errors[row].map(number);
    const quantile = number(chosen.quantiles[row]);
    const half = errors.map((error) => (error === 0 ? 0 : error * quantile));
    const size = (place) => (Number.isNaN(values[place]) ? -1 : Math.abs(values[place]));
    const order = ids.map((_, place) => place).sort((a, b) => size(b) - size(a) || a - b);
    const shown = all ? order : order.slice(0, SHORT);
    const lower = values.map((value, i) => value - half[i]), upper = values.map((value, i) => value + half[i]);
    const at = (list) => shown.map((place) => list[place]);
    const scale = scaleOf(at(values), at(lower), at(upper));
    const write = writer(at(values), at(errors));
    const body = make("tbody");
    for (const place of shown) {
      const feature = ids[place], cell = chosen.cells ? chosen.cells[row][place] : data.cells[row][feature];
      const interval = upper[place] > lower[place] ? `${write(lower[place])} to ${write(upper[place])}` : "";
      body.append(make("tr", {},
        make("th", { scope: "row" }, make("bdi", {}, data.features[feature]), " = ",
          make("bdi", { class: "cell" }, cellText(cell))),
        make("td", { class: "bar" }, bar(values[place], lower[place], upper[place], scale)),
        make("td", {}, write(values[place])),
        make("td", { class: "muted" }, errorText(errors[place])),
        make("td", { class: "muted wide" }, interval)));
    }
    const total = sum(values) + number(chosen.rest ? chosen.rest[row] : 0), base = number(chosen.base);
    const writeSum = writer([base, total, base + total], []);
    const sums = `The values of this row sum to ${writeSum(total)}. Base value plus sum is ` +
      `${writeSum(base + total)}, ${data.sums}.`;
    $("row-facts").textContent = values.every(Number.isNaN) ? NO_VALUES :
      `Base value ${writeSum(base)}. ${data.sums ? sums : ""}`;
    const rest = data.n_features - shown.length;
    $("row-rest").textContent = rest > 0 ? `${rest.toLocaleString("en")} more features have smaller values.` : "";
    $("row-more").hidden = order.length <= SHORT;
    $("row-more").textContent = all ? `Show ${SHORT} features` : `Show ${order.length} features`;
    $("row-table").tBodies[0].replaceWith(body);
    $("previous").disabled = row === 0;
    $("next").disabled = row === data.rows.length - 1;
  }

  function showOutput() {
    const chosen = $("output").selectedIndex;
    for (const part of document.querySelectorAll("[data-output]")) part.hidden = Number(part.dataset.output) !== chosen;
    if (data.rows.length) showRow();
  }

  if ($("output")) {
    for (const each of data.outputs) $("output").append(make("option", {}, each.name));
    $("output").addEventListener("change", showOutput);
    $("outputs").hidden = false;
  }
  if (data.rows.length) {
    for (const row of data.rows) $("row").append(make("option", {}, String(row)));
    $("row").addEventListener("change", showRow);
    for (const [id, step] of [["previous", -1], ["next", 1]]) {
      $(id).addEventListener("click", () => { $("row").selectedIndex += step; showRow(); });
    }
    $("row-more").addEventListener("click", () => { all = !all; showRow(); });
    $("first-rows").hidden = true;
    $("any-row").hidden = false;
  }
  if ($("output")) showOutput();
  else if (data.rows.length) showRow();
})();
