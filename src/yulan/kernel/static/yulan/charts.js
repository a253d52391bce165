// Draws <figure data-chart>: an ECharts option in its application/json script, coloured by the page's own tokens.
// The table under the figure says the same; without scripts it is all there is.
"use strict";
(() => {
  const figures = () => [...document.querySelectorAll("figure[data-chart]")];
  const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const palettes = {
    light: ["#1b4f8f", "#b06a00", "#2f7d54", "#8a3f6b", "#5a6b80", "#7a5b2e", "#3d7f97", "#9a3b2f"],
    dark: ["#8ab4f0", "#f0b95c", "#7fcfa3", "#e09ac2", "#a9b6c6", "#d0b27f", "#84c4dc", "#f0978a"],
  };
  const dark = () => document.documentElement.dataset.bsTheme === "dark";
  const merge = (base, over) => {
    if (Array.isArray(over) || typeof over !== "object" || over === null) return over;
    const out = { ...base };
    for (const [name, value] of Object.entries(over)) {
      const under = out[name];
      out[name] = Array.isArray(value) && under && typeof under === "object" && !Array.isArray(under)
        ? value.map((one) => merge(under, one)) : merge(under, value);
    }
    return out;
  };
  const numbers = new Intl.NumberFormat("en-US", { maximumFractionDigits: 6 });
  const say = (value) => {
    if (Array.isArray(value)) return value.map(say).join(", ");
    return typeof value === "number" && !Number.isNaN(value) ? numbers.format(value) : value ?? "–";
  };
  const dress = (option, size) => {
    const text = token("--y-text"), soft = token("--y-soft"), line = token("--y-line"), surface = token("--y-raised");
    const font = { fontFamily: token("--y-font"), fontSize: size, color: soft };
    const axis = { axisLine: { lineStyle: { color: token("--y-edge") } }, axisTick: { show: false }, axisLabel: { ...font, hideOverlap: true },
      splitLine: { lineStyle: { color: line } }, nameTextStyle: font };
    const base = {
      animation: false, color: palettes[dark() ? "dark" : "light"], textStyle: { ...font, color: text }, aria: { enabled: true },
      tooltip: { renderMode: "richText", confine: true, backgroundColor: surface, borderColor: line, textStyle: { ...font, color: text }, valueFormatter: say },
    };
    if (option.legend) base.legend = { type: "scroll", textStyle: font, bottom: 0, left: 0, itemGap: size, icon: "roundRect", pageTextStyle: font, pageIconColor: token("--y-primary"), pageIconInactiveColor: line };
    if (option.xAxis) Object.assign(base, { grid: { left: 8, right: 16, top: size * (option.yAxis?.name ? 3 : 1.25), bottom: option.legend ? size * 3 : 8, containLabel: true }, xAxis: axis, yAxis: { ...axis, inverse: option.yAxis?.type === "category" } });
    if (option.visualMap) base.visualMap = { textStyle: font, orient: "horizontal", left: "center", bottom: 0, itemHeight: size * 8, inRange: { color: dark() ? ["#24354d", "#8ab4f0"] : ["#dde8f5", "#1b4f8f"] } };
    if (option.series?.[0]?.type === "map") base.series = { top: 0, bottom: size * 3, itemStyle: { areaColor: token("--y-sunken"), borderColor: token("--y-edge") }, label: { ...font },
      emphasis: { itemStyle: { areaColor: palettes[dark() ? "dark" : "light"][1] }, label: { color: text } }, select: { disabled: true } };
    if (option.series?.[0]?.type === "sankey") base.series = { label: { ...font, color: text }, lineStyle: { color: "gradient", opacity: 0.35 }, nodeGap: size, left: 8, right: "18%" };
    return merge(base, option);
  };
  const maps = new Map();
  const draw = async (figure) => {
    const place = figure.querySelector(".y-chart"), option = JSON.parse(figure.querySelector("script[type='application/json']").textContent);
    if (figure.dataset.map) {
      const name = figure.dataset.mapName || "areas";
      if (!maps.has(name)) maps.set(name, fetch(figure.dataset.map).then((answer) => answer.json()).then((shapes) => echarts.registerMap(name, shapes)));
      await maps.get(name);
    }
    const size = parseFloat(getComputedStyle(document.documentElement).fontSize) * 0.875;
    const chart = echarts.getInstanceByDom(place) || echarts.init(place, null, { renderer: "canvas" });
    chart.setOption(dress(option, size), true);
    chart.off("click");
    chart.on("click", (hit) => { if (hit.data?.url) location.assign(hit.data.url); });
    figure.chart = chart;
  };
  const all = () => Promise.all(figures().map((figure) => draw(figure).catch(() => figure.classList.add("no-charts"))));
  if (!window.echarts) return figures().forEach((figure) => figure.classList.add("no-charts"));
  new MutationObserver(all).observe(document.documentElement, { attributeFilter: ["data-bs-theme", "data-size", "data-contrast"] });
  new ResizeObserver(() => figures().forEach((figure) => figure.chart?.resize())).observe(document.body);
  document.addEventListener("htmx:afterSettle", all);
  all();
})();
