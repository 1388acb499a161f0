// Draws every element with data-chart, in the colours of the page, and again when these change.
"use strict";

const probe = document.body.appendChild(document.createElement("i"));
probe.className = "probe";

function colour(name) {
  probe.style.color = `var(${name})`;
  return getComputedStyle(probe).color;
}

const colours = ["--c1", "--c2", "--c3", "--c4", "--c5", "--c6", "--c7", "--c8", "--c9"];
const drawn = [];

function draw() {
  while (drawn.length) drawn.pop().destroy();
  const ink = colour("--ink");
  const line = colour("--line");
  for (const canvas of document.querySelectorAll("canvas[data-chart]")) {
    const chart = JSON.parse(canvas.dataset.chart);
    const names = Object.keys(chart.series);
    const datasets = names.map((name, i) => {
      const own = colour(colours[i % colours.length]);
      return { label: name, data: chart.series[name], backgroundColor: own, borderColor: own, pointRadius: 2, borderWidth: chart.kind === "line" ? 2 : 0, tension: 0.2 };
    });
    const axis = { stacked: chart.stacked, ticks: { color: ink }, grid: { color: line }, border: { color: line } };
    drawn.push(new Chart(canvas, {
      type: chart.kind,
      data: { labels: chart.labels, datasets },
      options: {
        animation: false,
        responsive: true,
        maintainAspectRatio: false,
        locale: document.documentElement.lang,
        scales: { x: { ...axis, ticks: { color: ink, maxRotation: 60, autoSkip: true } }, y: { ...axis, beginAtZero: true, ticks: { color: ink, precision: 0, callback: (value) => new Intl.NumberFormat(document.documentElement.lang, { notation: "compact" }).format(value) } } },
        plugins: { legend: { display: names.length > 1, labels: { color: ink, boxWidth: 12 } } },
      },
    }));
  }
}

draw();
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
