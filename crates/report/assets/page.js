// The page: language, theme, drawing, print. Everything it needs is inside the file.
(() => {
  "use strict";
  const root = document.documentElement;
  const charts = JSON.parse(document.getElementById("charts").textContent);
  const drawn = new Map();
  const asked = name => new URLSearchParams(location.search).get(name) || new URLSearchParams(location.hash.slice(1)).get(name);
  const lang = () => root.dataset.lang;
  let prints = false;

  function setLang(to) {
    root.dataset.lang = to;
    root.lang = to === "zh" ? "zh-CN" : "en";
    const title = document.querySelector("title");
    document.title = title.getAttribute(`data-${to}`);
    for (const button of document.querySelectorAll("[data-set-lang]")) button.setAttribute("aria-pressed", String(button.dataset.setLang === to));
    for (const plot of document.querySelectorAll(".plot")) plot.setAttribute("aria-label", plot.getAttribute(`data-alt-${to}`));
    for (const behind of document.querySelectorAll("details.behind[open]")) fillTable(behind);
    redraw();
  }

  const isDark = () => getComputedStyle(root).colorScheme === "dark";
  function toggleTheme() {
    root.dataset.theme = isDark() ? "light" : "dark";
    redraw();
  }

  function reader(element) {
    const style = getComputedStyle(root), width = element.clientWidth || 650;
    return {lang: lang(), width, narrow: width < 520, prints, colour: name => style.getPropertyValue(`--${name}`).trim()};
  }

  function draw(element) {
    const chart = charts[element.id];
    let view = drawn.get(element.id);
    if (!view) {
      view = echarts.init(element, null, {renderer: "svg", height: chart.height, width: element.clientWidth});
      drawn.set(element.id, view);
      watchKeys(element, view, chart);
      sizes.observe(element);
    }
    view.setOption(shoalsChart.resolve(chart, reader(element)), {notMerge: true});
  }
  const redraw = () => { for (const id of drawn.keys()) draw(document.getElementById(id)); };

  // A chart follows its own box, whatever made that narrower: the window, a zoom, a scroll bar.
  const sizes = new ResizeObserver(entries => {
    if (!prints) for (const {target} of entries) requestAnimationFrame(() => fit(target));
  });
  function fit(element) {
    const view = drawn.get(element.id), width = element.clientWidth;
    if (prints || !view || !width || view.getWidth() === width) return;
    view.resize({width, height: charts[element.id].height});
    draw(element);
  }

  // Arrow keys walk the points; the tooltip follows.
  function watchKeys(element, view, chart) {
    let at = -1;
    element.addEventListener("keydown", event => {
      const step = {ArrowLeft: -1, ArrowRight: 1}[event.key];
      if (!step || !chart.option.axis) return;
      at = Math.min(Math.max(at + step, 0), chart.option.axis.at.length - 1);
      view.dispatchAction({type: "showTip", seriesIndex: 0, dataIndex: at});
      event.preventDefault();
    });
    element.addEventListener("blur", () => view.dispatchAction({type: "hideTip"}));
  }

  function fillTable(details) {
    const rows = shoalsChart.numbers(charts[details.dataset.chart], {lang: lang()});
    const table = document.createElement("table");
    rows.forEach((cells, i) => {
      const line = (i === 0 ? table.createTHead() : table.tBodies[0] || table.createTBody()).insertRow();
      cells.forEach((text, j) => {
        const cell = document.createElement(i === 0 || j === 0 ? "th" : "td");
        cell.textContent = text;
        if (j > 0) cell.className = "n";
        line.append(cell);
      });
    });
    details.querySelector(".scroll").replaceChildren(table);
  }

  // What stands in the window is drawn before the page counts as loaded, so that a picture of it is whole; the
  // rest follows one after the other, so that the page answers while it draws.
  function drawAll() {
    const isInWindow = element => element.getBoundingClientRect().top < innerHeight;
    const plots = [...document.querySelectorAll(".plot")], waiting = plots.filter(element => !isInWindow(element));
    for (const element of plots.filter(isInWindow)) draw(element);
    const step = () => {
      const element = waiting.shift();
      if (!element) return;
      if (!drawn.has(element.id)) draw(element);
      setTimeout(step, 0);
    };
    setTimeout(step, 0);
  }

  function resizeAll(width) {
    for (const [id, view] of drawn) {
      const element = document.getElementById(id);
      view.resize({width: width || element.clientWidth, height: charts[id].height});
    }
    redraw();
  }

  for (const button of document.querySelectorAll("[data-set-lang]")) button.addEventListener("click", () => setLang(button.dataset.setLang));
  document.querySelector("[data-theme-toggle]").addEventListener("click", toggleTheme);
  for (const details of document.querySelectorAll("details.behind")) details.addEventListener("toggle", () => { if (details.open) fillTable(details); });
  window.addEventListener("hashchange", () => { const to = asked("lang"); if (to === "zh" || to === "en") setLang(to); });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
  // Paper is white: charts are drawn in the light theme, at the width of the page.
  let shownTheme;
  window.addEventListener("beforeprint", () => {
    prints = true;
    shownTheme = root.dataset.theme;
    root.dataset.theme = "light";
    for (const element of document.querySelectorAll(".plot")) draw(element);
    resizeAll(650);
  });
  window.addEventListener("afterprint", () => {
    prints = false;
    if (shownTheme) root.dataset.theme = shownTheme;
    else delete root.dataset.theme;
    resizeAll();
  });

  if (/^(light|dark)$/.test(asked("theme") || "")) root.dataset.theme = asked("theme");
  setLang(/^(zh|en)$/.test(asked("lang") || "") ? asked("lang") : lang());
  drawAll();
})();
