// Draws the page's pictures; follows the reader's theme, the width there is and the buttons.
const pictures = JSON.parse(document.getElementById("pictures").textContent);
const root = document.documentElement;
const narrow = window.matchMedia("(max-width: 640px)");
const dark = window.matchMedia("(prefers-color-scheme: dark)");
const config = {
  displaylogo: false,
  modeBarButtons: [["toImage", "zoom2d", "pan2d", "resetScale2d"]], // one of the others sends the data away
  plotlyServerURL: "",
  responsive: true,
  typesetMath: false, // a name may have dollars in it
};

const colour = (name) => {
  const probe = document.createElement("span");
  probe.style.color = `var(--${name})`;
  root.append(probe);
  const found = getComputedStyle(probe).color;
  probe.remove();
  return found;
};

const axis = (given) => ({ ...given, gridcolor: colour("line"), linecolor: colour("line") });

const layout = ({ layout: given }, isOver) => ({
  ...given,
  paper_bgcolor: "transparent",
  plot_bgcolor: "transparent",
  font: { ...given.font, color: colour("ink") },
  hoverlabel: { bgcolor: colour("raised"), bordercolor: colour("line"), font: { color: colour("ink") } },
  modebar: { bgcolor: "transparent", color: colour("faint"), activecolor: colour("ink") },
  xaxis: axis(given.xaxis),
  yaxis: axis(given.yaxis),
  ...(narrow.matches ? slim(given) : {}),
});

const slim = (given) => ({
  margin: { ...given.margin, r: 10 },
  font: { ...given.font, size: 11, color: colour("ink") },
  legend: { ...given.legend, orientation: "h", y: -0.22, maxheight: 0.35 },
});

const inked = (traces) =>
  traces.map((trace) =>
    trace.meta !== "ink" || trace.mode === "none"
      ? trace
      : {
          ...trace,
          line: { ...trace.line, color: colour("ink") },
          marker: { ...trace.marker, color: colour("ink") },
          error_x: trace.error_x && { ...trace.error_x, color: colour("ink") },
        },
  );

const shown = {}; // what the reader chose to see of each picture

function draw() {
  for (const [id, figure] of Object.entries(pictures.figures)) {
    const place = document.getElementById(id);
    const way = pictures.ways[id]?.[shown.way];
    const traces = figure.data.map((trace, at) => ({
      ...trace,
      ...way?.traces[at],
      visible: place.data?.[at]?.visible ?? trace.visible,
    }));
    const made = layout(figure);
    if (way) {
      made.yaxis.range = way.range;
      made.uirevision = shown.way;
    }
    Plotly.react(place, inked(traces), made, config);
  }
}

for (const button of document.querySelectorAll("[data-way]")) {
  if (button.getAttribute("aria-pressed") === "true") shown.way = button.dataset.way;
  button.onclick = () => {
    for (const each of document.querySelectorAll("[data-way]"))
      each.setAttribute("aria-pressed", String(each === button));
    shown.way = button.dataset.way;
    draw();
  };
}

document.getElementById("theme").onclick = () => {
  const isDark = root.classList.contains("dark") || (dark.matches && !root.classList.contains("light"));
  root.className = isDark ? "light" : "dark";
  draw();
};

dark.onchange = narrow.onchange = draw;
draw();
