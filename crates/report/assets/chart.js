// From the neutral option that the report carries to an ECharts option.
// reader: {lang: "zh"|"en", width, colour: name => css colour, narrow}. No DOM, no globals: the same file draws
// in a browser and in an embedded engine.
const shoalsChart = (() => {
  "use strict";
  const DAY = 864e5;
  const MINUS = "\u2212";
  const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
  const FONT = '"Helvetica Neue",Arial,"PingFang SC","Noto Sans CJK SC","Noto Sans SC","Microsoft YaHei",sans-serif';

  const fixed = (x, digits) => {
    const text = Math.abs(x).toFixed(digits).replace(/\B(?=(\d{3})+(?!\d))(?<!\.\d*)/g, ",");
    return (x < 0 && /[1-9]/.test(text) ? MINUS : "") + text;
  };
  const show = (x, kind, digits) => {
    if (x === null || x === undefined || x === "-" || !Number.isFinite(+x)) return "–";
    return kind === "percent" ? fixed(x * 100, digits) + "%" : fixed(+x, digits);
  };
  const tick = (x, kind) => {
    const scaled = +(kind === "percent" ? x * 100 : x).toPrecision(8);
    const decimals = (String(scaled).split(".")[1] || "").length;
    return fixed(scaled, Math.min(decimals, 6)) + (kind === "percent" ? "%" : "");
  };
  const isoDay = ms => new Date(ms).toISOString().slice(0, 10);
  const timeTick = (ms, lang) => {
    const at = new Date(ms), month = at.getUTCMonth(), day = at.getUTCDate();
    if (day !== 1) return lang === "zh" ? `${month + 1}月${day}日` : `${day} ${MONTHS[month]}`;
    if (month === 0) return `{year|${at.getUTCFullYear()}}`;
    return lang === "zh" ? `${month + 1}月` : MONTHS[month];
  };
  const escape = text => String(text).replace(/[&<>"']/g, c => `&#${c.charCodeAt(0)};`);

  // Fills in words, colours and formatters, everywhere in the option.
  function fill(node, reader, axis) {
    if (Array.isArray(node)) return node.map(child => fill(child, reader, axis));
    if (node === null || typeof node !== "object") return node;
    if (node.$t) return node.$t[reader.lang === "zh" ? 0 : 1];
    if (node.$c) return reader.colour(node.$c);
    if (node.$f) return formatter(node.$f, reader);
    if (node.$v) return zip(node, axis);
    const out = {};
    for (const key of Object.keys(node)) out[key] = fill(node[key], reader, axis);
    return out;
  }

  function zip(node, axis) {
    return node.$v.map((y, i) => {
      const point = axis.kind === "names" ? [i, y] : [place(axis, i), y];
      return node.low ? point.concat(node.low[i], node.high[i]) : point;
    });
  }
  const place = (axis, i) => (axis.kind === "days" ? axis.at[i] * DAY : axis.at[i]);

  function formatter([name, kind, digits], reader) {
    if (name === "tick") return x => tick(x, kind);
    if (name === "time") return ms => timeTick(ms, reader.lang);
    if (name === "value") return p => show(Array.isArray(p.value) ? p.value[1] : p.value, kind, digits);
    if (name === "cell") return p => (p.componentSubType === "heatmap" ? cellTip(p, kind, digits) : "");
    return list => tip(Array.isArray(list) ? list : [list], kind, digits);
  }

  function tip(list, kind, digits) {
    const rows = list.map(p => {
      const value = Array.isArray(p.value) ? p.value : [p.name, p.value];
      if (value[1] === null || value[1] === undefined || /^floor/.test(p.seriesId)) return "";
      const shown = /^band/.test(p.seriesId)
        ? `${show(value[2], kind, digits)} – ${show(value[3], kind, digits)}` : show(value[1], kind, digits);
      const name = p.seriesName || p.name;
      return `<tr><td><i style="background:${p.color}"></i>${escape(name)}</td><td class="n">${shown}</td></tr>`;
    });
    const first = list[0] || {};
    const head = first.axisType === "xAxis.time" ? isoDay(first.axisValue)
      : first.seriesName ? (first.axisType === "xAxis.value" ? tick(first.axisValue, "number") : first.axisValueLabel || "") : "";
    return `<div class="tip">${head ? `<b>${escape(head)}</b>` : ""}<table>${rows.join("")}</table></div>`;
  }
  const cellTip = (p, kind, digits) =>
    `<div class="tip"><b>${escape(p.data.where || p.name)}</b>${show(p.value[2], kind, digits)}</div>`;

  const textStyle = reader => ({fontFamily: FONT, fontSize: 12, color: reader.colour("muted")});

  const textWidth = text => [...String(text)].reduce((w, c) => w + (c.charCodeAt(0) > 255 ? 12 : 6.6), 0);

  // Gives event labels a side and a row of their own, so that none lies on another.
  function eventRows(events, span, width) {
    const at = events.map(event => (event.from * DAY - span[0]) / (span[1] - span[0]) * width);
    const full = events.map(event => textWidth(event.label) + 8);
    const ends = [];
    return events.map((_, i) => {
      const isCrowded = i + 1 < events.length && at[i + 1] - at[i] < (full[i] + full[i + 1]) / 2;
      const starts = {center: at[i] - full[i] / 2, right: at[i] - full[i], left: at[i]};
      const sides = isCrowded ? ["right", "center", "left"] : ["center", "left", "right"];
      for (let row = 0; ; row += 1) {
        const align = sides.find(side => starts[side] >= (ends[row] || 0) && starts[side] + full[i] <= width + 40) || (ends[row] === undefined && "left");
        if (!align) continue;
        ends[row] = starts[align] + full[i];
        return {row, align};
      }
    });
  }

  function markSeries(marks, option, axis, reader) {
    const lines = [], areas = [];
    let rows = 0;
    if (marks.zero) lines.push({yAxis: 0, lineStyle: {color: reader.colour("ink"), width: 1, type: "solid"}, label: {show: false}});
    for (const rule of marks.rules || []) {
      lines.push({yAxis: rule.at, lineStyle: {color: rule.colour, width: 1.2, type: [4, 3]},
        label: {formatter: rule.label, position: "insideStartTop", color: rule.colour, fontSize: 12, distance: [2, 3]}});
    }
    const events = (marks.events || []).slice().sort((a, b) => a.from - b.from);
    const labelled = events.filter(event => event.label);
    if (axis && axis.kind === "days" && events.length) {
      const span = [axis.at[0] * DAY, axis.at[axis.at.length - 1] * DAY];
      const where = eventRows(labelled, span, reader.width - option.grid.left - option.grid.right - 40);
      for (const event of events) {
        const {row, align} = where[labelled.indexOf(event)] || {row: 0, align: "center"};
        if (event.label) rows = Math.max(rows, row + 1);
        if (event.to !== null) areas.push([{xAxis: event.from * DAY, itemStyle: {color: event.colour, opacity: +reader.colour("event-opacity")}}, {xAxis: event.to * DAY}]);
        if (event.label) lines.push({xAxis: event.from * DAY, lineStyle: {color: event.colour, width: 1, type: "solid", opacity: 0.75},
          label: {formatter: event.label, position: "end", rotate: 0, align, color: event.colour, fontSize: 12, distance: 3 + row * 15}});
      }
    }
    option.grid.top += rows * 15;
    if (!lines.length && !areas.length) return;
    option.series.push({type: "line", id: "marks", data: [], silent: true, tooltip: {show: false}, z: 2,
      markLine: {silent: true, symbol: "none", animation: false, data: lines, emphasis: {disabled: true}},
      markArea: {silent: true, animation: false, data: areas}});
  }

  // Few names stand under each other in full; many are thinned out.
  function nameLabels(option, axis, reader) {
    const room = (reader.width - option.grid.right - 50) / axis.at.length - 4;
    if (room > 44) Object.assign(option.xAxis.axisLabel, {interval: 0, width: room, overflow: "break"});
    else option.xAxis.axisLabel.interval = Math.ceil(44 / room) - 1;
  }

  // The last days of a month stand too close to the name of the next one to be named as well.
  function timeLabels(xAxis, axis) {
    const min = axis.at[0] * DAY, max = axis.at[axis.at.length - 1] * DAY, name = xAxis.axisLabel.formatter;
    Object.assign(xAxis, {min, max});
    xAxis.axisLabel.textMargin = [0, 6];
    if (max - min > 30 * DAY) xAxis.axisLabel.formatter = ms => (new Date(ms).getUTCDate() > 26 ? "" : name(ms));
  }

  function layered(option, axis, marks, reader) {
    const labels = option.series.filter(s => s.endLabel).map(s => textWidth(s.name));
    const room = Math.min(Math.max(0, ...labels) + 14, reader.narrow ? 96 : 150);
    option.grid = {left: 2, right: labels.length ? room : 12, top: 14, bottom: option.zoom ? 24 : axis.title ? 22 : 4,
      outerBoundsMode: "same", outerBoundsContain: "axisLabel"};
    option.grid.right = Math.max(option.grid.right, 12);
    for (const s of option.series) if (s.endLabel) Object.assign(s.endLabel, {fontSize: 12, lineHeight: 15, distance: 6, width: room - 8, overflow: "break"});
    const line = {lineStyle: {color: reader.colour("faint")}};
    Object.assign(option.xAxis, {axisLine: {show: true, onZero: false, ...line}, axisTick: {show: true, ...line}, splitLine: {show: false},
      splitNumber: reader.narrow ? 3 : 6});
    option.xAxis.axisLabel = {...option.xAxis.axisLabel, color: reader.colour("muted"), hideOverlap: true, rich: {year: {fontWeight: 700, color: reader.colour("ink")}}};
    if (option.xAxis.name) option.xAxis.nameTextStyle = {color: reader.colour("muted")};
    if (option.xAxis.type === "category") nameLabels(option, axis, reader);
    if (option.xAxis.type === "time") timeLabels(option.xAxis, axis);
    if (option.xAxis.type === "time" && option.series.some(s => s.type === "bar")) option.xAxis.boundaryGap = ["1%", "1%"];
    Object.assign(option.yAxis, {axisLine: {show: false}, axisTick: {show: false}, splitNumber: 4, splitLine: {lineStyle: {color: reader.colour("grid")}}});
    option.yAxis.axisLabel.color = reader.colour("muted");
    markSeries(marks, option, axis, reader);
    if (option.zoom) option.dataZoom = [{type: "inside", zoomOnMouseWheel: "ctrl", moveOnMouseWheel: false, moveOnMouseMove: "shift"},
      {type: "slider", height: 6, bottom: 5, showDetail: false, showDataShadow: false, brushSelect: false, borderColor: "transparent",
        backgroundColor: reader.colour("grid"), fillerColor: reader.colour("rule"), borderRadius: 3, handleSize: 13, handleStyle: {color: reader.colour("paper"), borderColor: reader.colour("muted")},
        moveHandleSize: 0, emphasis: {handleStyle: {borderColor: reader.colour("ink")}}}];
    option.tooltip.axisPointer = {type: option.series.some(s => s.type === "bar") ? "shadow" : "line", lineStyle: {color: reader.colour("muted"), type: "solid"}};
  }

  function ladder(option, marks, reader) {
    option.grid = {left: 2, right: 8, top: 6, bottom: 6, outerBoundsMode: "same", outerBoundsContain: "axisLabel"};
    Object.assign(option.yAxis, {axisTick: {show: false}, axisLine: {show: false},
      axisLabel: {color: reader.colour("ink"), fontSize: 13, margin: 12}});
    // On a phone long names take two lines, so that the bars keep more than half of the width, and values more of it.
    if (reader.width < 560) {
      Object.assign(option.yAxis.axisLabel, {fontSize: 12, lineHeight: 14, margin: 8, width: Math.round(reader.width * 0.4), overflow: "break"});
      const {min, max} = option.xAxis, room = (max - min) * 0.14;
      Object.assign(option.xAxis, {min: min < 0 ? min - room : 0, max: max > 0 ? max + room : 0});
    }
    const data = (marks.whiskers || []).map((band, i) => band && [
      {coord: [band[0], i], lineStyle: {color: reader.colour("ink"), width: 1.2, type: "solid", opacity: 0.55}, symbol: "none"}, {coord: [band[1], i], symbol: "none"}]).filter(Boolean);
    data.push({xAxis: 0, symbol: "none", label: {show: false}, lineStyle: {color: reader.colour("ink"), width: 1, type: "solid"}});
    option.series[0].markLine = {silent: true, symbol: "none", animation: false, label: {show: false}, data};
  }

  function heat(option, marks, reader) {
    option.grid = {left: 2, right: 8, top: 22, bottom: 4, outerBoundsMode: "same", outerBoundsContain: "axisLabel"};
    const columns = option.xAxis.data, rows = option.yAxis.data, quiet = {axisLine: {show: false}, axisTick: {show: false}, splitLine: {show: false}};
    const every = Math.max(1, Math.ceil(columns.length / (reader.width / 70)));
    Object.assign(option.xAxis, quiet, {axisLabel: {color: reader.colour("muted"), hideOverlap: true, interval: columns.length > 14 ? i => i % every === 0 : 0}});
    Object.assign(option.yAxis, quiet, {axisLabel: {color: reader.colour("ink"), fontSize: 12, margin: 10}});
    const cells = option.series[0];
    cells.itemStyle = {borderColor: reader.colour("paper"), borderWidth: columns.length > 60 ? 0.5 : 1.5};
    cells.emphasis = {itemStyle: {borderColor: reader.colour("ink"), borderWidth: 1.5}};
    cells.data = cells.data.map(value => ({value, where: `${columns[value[0]]} · ${rows[value[1]]}`}));
    const sized = columns.length * 44 < reader.width - 90;
    if (sized) cells.label = {show: true, fontSize: 11, formatter: p => (p.value[2] === null ? "" : fixed(p.value[2] * 100, 1)), color: reader.colour("ink")};
    option.series.push({type: "scatter", silent: true, symbol: "triangle", symbolRotate: 180, symbolSize: 8, itemStyle: {color: reader.colour("accent")},
      data: marks.columns.map(x => [x, 0]), tooltip: {show: false}, clip: false});
    const height = (option.height - 60) / rows.length;
    option.series[1].symbolOffset = [0, -(height / 2 + 8)];
  }

  // The option for that reader; the neutral one is left as it was.
  function resolve(chart, reader) {
    const {axis: rawAxis, marks: rawMarks, ladder: isLadder, heat: isHeat, ...rest} = chart.option;
    if (reader.prints) delete rest.zoom;
    const axis = rawAxis || null;
    const option = fill(rest, reader, axis), marks = fill(rawMarks, reader, axis);
    option.animation = false;
    option.useUTC = true;
    option.height = chart.height;
    option.textStyle = textStyle(reader);
    option.tooltip = {...option.tooltip, confine: true, transitionDuration: 0, backgroundColor: reader.colour("paper"), borderColor: reader.colour("rule"),
      padding: [8, 11], textStyle: {color: reader.colour("text"), fontSize: 13}, extraCssText: "box-shadow:0 2px 10px rgba(0,0,0,.12)"};
    if (isLadder) ladder(option, marks, reader);
    else if (isHeat) heat(option, marks, reader);
    else layered(option, axis, marks, reader);
    delete option.height;
    delete option.zoom;
    return option;
  }

  // The numbers of a chart as rows of text, the first row its headings.
  function numbers(chart, reader) {
    const {axis, option} = {axis: chart.option.axis, option: fill(chart.option, {...reader, colour: () => ""}, chart.option.axis)};
    const [, kind, digits] = chart.option.tooltip.formatter.$f;
    if (option.ladder) return [["", ""], ...option.yAxis.data.map((name, i) => [name, show(option.series[0].data[i].value, kind, digits)])];
    if (option.heat) {
      const rows = option.xAxis.data.map(name => [name, ...option.yAxis.data.map(() => "–")]);
      for (const [x, y, v] of option.series[0].data) rows[x][y + 1] = show(v, kind, digits);
      return [["", ...option.yAxis.data], ...rows];
    }
    const shown = option.series.filter(s => !/^floor/.test(s.id || ""));
    const cell = (s, i) => (/^band/.test(s.id || "") ? `${show(s.data[i][2], kind, digits)} – ${show(s.data[i][3], kind, digits)}` : show(s.data[i][1], kind, digits));
    const names = fill(axis.at, reader, axis);
    const head = i => (axis.kind === "days" ? isoDay(axis.at[i] * DAY) : axis.kind === "names" ? names[i] : tick(axis.at[i], "number"));
    return [[axis.title ? fill(axis.title, reader, axis) : "", ...shown.map(s => s.name)], ...axis.at.map((_, i) => [head(i), ...shown.map(s => cell(s, i))])];
  }

  return {resolve, numbers};
})();
