// The site works without this script; with it, units and KPIs are found by typing and charts tell their months.
"use strict";

// A count with its word, from "unit|units".
function counted(count, words) {
  return `${count} ${words.split("|")[count === 1 ? 0 : 1]}`;
}

function searching(input) {
  const rows = [...document.querySelectorAll("tr[data-text]")];
  const told = document.getElementById("found");
  input.addEventListener("input", () => {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    const has = (text) => words.every((word) => text.includes(word));
    let units = 0;
    let kpis = 0;
    for (const row of rows) {
      const items = [...row.querySelectorAll(".matches li")];
      const isUnit = has(row.dataset.text);
      const matching = words.length && !isUnit ? items.filter((item) => has(item.dataset.text)) : [];
      for (const item of items) item.hidden = !matching.includes(item);
      row.querySelector(".matches").hidden = matching.length === 0;
      row.hidden = words.length > 0 && !isUnit && matching.length === 0;
      units += isUnit ? 1 : 0;
      kpis += matching.length;
    }
    const found = [counted(units, told.dataset.units)];
    if (kpis) found.push(counted(kpis, units ? told.dataset.further : told.dataset.kpis));
    told.textContent = words.length ? (units || !kpis ? found : found.slice(1)).join(", ") : "";
  });
}

function reading(chart) {
  const plot = chart.querySelector(".plot");
  const svg = plot.querySelector("svg");
  const cursor = plot.querySelector(".cursor");
  const told = chart.querySelector(".reading");
  const first = Number(chart.dataset.first);
  const rows = [...document.querySelectorAll(".figures tbody tr")].slice(first, first + Number(chart.dataset.shown));
  const slots = Number(chart.dataset.slots);
  const share = Number(chart.dataset.plot) / svg.viewBox.baseVal.width;
  let at = rows.length - 1 - Number(chart.dataset.ahead);
  const show = (index) => {
    at = Math.max(0, Math.min(rows.length - 1, index));
    const slot = slots - rows.length + at;
    cursor.hidden = false;
    cursor.style.left = `${(100 * share * (slot + 0.5)) / slots}%`;
    told.textContent = rows[at].dataset.words;
  };
  plot.addEventListener("pointermove", (event) => {
    const box = svg.getBoundingClientRect();
    const slot = Math.floor(((event.clientX - box.left) / (box.width * share)) * slots);
    show(slot - (slots - rows.length));
  });
  // On a narrow screen the chart is wider than its window: the newest month is in sight first, then the chosen one.
  const follow = () => (plot.scrollLeft = cursor.offsetLeft - plot.clientWidth / 2);
  plot.scrollLeft = plot.scrollWidth;
  plot.addEventListener("focus", () => show(at));
  plot.addEventListener("keydown", (event) => {
    const moves = { ArrowLeft: at - 1, ArrowRight: at + 1, Home: 0, End: rows.length - 1 };
    if (!(event.key in moves)) return;
    event.preventDefault();
    show(moves[event.key]);
    follow();
  });
}

const input = document.getElementById("search");
if (input) searching(input);
document.querySelectorAll(".interactive").forEach(reading);
