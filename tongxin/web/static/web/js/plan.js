// Two maps of a plan, moved together: today's places, and the proposal with its buildings, which can be picked and dragged.
//
// Everything done here is done through the form #parts as without scripts: picking ticks its boxes, dropping presses its button.
"use strict";

(() => {
  const box = document.querySelector("[data-plan-map]");
  if (!box || !window.L) return;
  const english = document.documentElement.lang.startsWith("en");
  const words = english
    ? { none: "Click buildings on the map, or tick them in the table", some: (n, load) => `${n} chosen, ${load} in all`, failed: "The map could not be loaded; the table below does the same." }
    : { none: "在图上点楼，或在下表展开勾选", some: (n, load) => `已选 ${n} 栋，共 ${load}`, failed: "地图没有载入；下面的表格一样能用。" };
  const TONES = ["#c9d8e6", "#e8d9b5", "#cfe0c3", "#e6c9c4", "#d6cde6", "#c4e0dd", "#eadfd0", "#d9dfb8", "#e3cbdc", "#cdd2d8"];
  const token = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const form = () => document.getElementById("parts");
  const mayChange = box.hasAttribute("data-may-change");
  const cells = new Map(); // unit → its ground, its dot, its load
  let state = new Map(); // unit → [part, tone, locked]
  const picked = new Set();
  let labels = L.layerGroup();

  const read = () => {
    state = new Map(JSON.parse(form().dataset.units).map(([unit, part, tone, locked]) => [unit, [part, tone, locked]]));
  };

  function paint() {
    for (const [unit, one] of cells) {
      const [, tone, locked] = state.get(unit) || [0, 9, 0];
      const chosen = picked.has(unit);
      one.ground.setStyle({ fillColor: TONES[tone], fillOpacity: 0.85, color: chosen ? token("--accent") : "#ffffff", weight: chosen ? 2.5 : 0.4 });
      one.dot.setStyle({ fillColor: chosen ? token("--accent") : token("--ink"), radius: chosen ? 6 : locked ? 5 : 3.5, weight: locked ? 2 : 0, color: token("--hold") });
      if (chosen) {
        one.ground.bringToFront();
        one.dot.bringToFront();
      }
    }
    label();
  }

  function label() {
    labels.clearLayers();
    const middle = new Map();
    for (const [unit, one] of cells) {
      const part = state.get(unit)?.[0];
      const sum = middle.get(part) || [0, 0, 0];
      middle.set(part, [sum[0] + one.at[1], sum[1] + one.at[0], sum[2] + 1]);
    }
    for (const [part, [lat, lon, n]] of middle) {
      L.marker([lat / n, lon / n], { interactive: false, keyboard: false, icon: L.divIcon({ className: "plan-label", html: String(part), iconSize: null }) }).addTo(labels);
    }
  }

  function tell() {
    const line = document.querySelector("[data-plan-chosen]");
    if (!line) return;
    let load = 0;
    for (const unit of picked) load += cells.get(unit)?.load || 0;
    line.textContent = picked.size ? words.some(picked.size, Math.round(load * 10) / 10) : words.none;
  }

  /** The boxes of the table are what is sent; the map only ticks them. */
  function tick() {
    for (const one of form().querySelectorAll("input[name=units]")) one.checked = picked.has(Number(one.value));
    tell();
    paint();
  }

  function press(part) {
    const to = form().querySelector("[data-plan-to]");
    to.value = String(part);
    if (to.value === String(part)) form().querySelector("button[value=move]").click();
  }

  function drag(map) {
    let held = null;
    let moved = false;
    for (const [unit, one] of cells) {
      const begin = (event) => {
        if (event.originalEvent.button) return;
        held = unit;
        moved = false;
        map.dragging.disable();
      };
      const end = () => {
        if (held !== null && held !== unit && state.get(held)?.[0] !== state.get(unit)?.[0]) {
          moved = true;
          if (!picked.has(held)) {
            picked.clear();
            picked.add(held);
          }
          tick();
          press(state.get(unit)[0]);
        }
      };
      const pick = () => {
        if (moved) return;
        if (picked.has(unit)) picked.delete(unit);
        else picked.add(unit);
        tick();
      };
      for (const layer of [one.dot, one.ground]) {
        layer.on("mouseup", end);
        if (layer === one.dot) layer.on("mousedown", begin);
        layer.on("click", pick);
      }
    }
    map.on("mousemove", () => { if (held !== null) map.getContainer().style.cursor = "grabbing"; });
    document.addEventListener("mouseup", () => {
      held = null;
      map.dragging.enable();
      map.getContainer().style.cursor = "";
    });
  }

  function hold(one, other) {
    let busy = false;
    for (const [from, to] of [[one, other], [other, one]]) {
      from.on("move", () => {
        if (busy) return;
        busy = true;
        to.setView(from.getCenter(), from.getZoom(), { animate: false });
        busy = false;
      });
    }
  }

  async function draw() {
    const before = document.querySelector("[data-plan-today]");
    let data;
    try {
      const response = await fetch(box.dataset.planMap, { headers: { Accept: "application/json" } });
      if (!response.ok) throw new Error(String(response.status));
      data = await response.json();
    } catch {
      before.querySelector(".map-wait").textContent = words.failed;
      return;
    }
    if (!data.cells) return;
    box.replaceChildren();
    before.replaceChildren();
    const plain = { attributionControl: false, zoomSnap: 0.25, scrollWheelZoom: false };
    const map = L.map(box, plain);
    const left = L.map(before, { ...plain, zoomControl: false });
    for (const [where, which] of [[box, map], [before, left]]) where.addEventListener("focusin", () => which.scrollWheelZoom.enable());
    const border = L.geoJSON(data.border, { interactive: false, style: { color: token("--ink-2"), weight: 2, fill: false } });
    map.fitBounds(border.getBounds(), { padding: [8, 8] });
    left.setView(map.getCenter(), map.getZoom(), { animate: false });
    for (const feature of data.cells.features) {
      const { u, name, load, at } = feature.properties;
      const ground = L.geoJSON(feature, { style: { color: "#ffffff", weight: 0.4 } }).getLayers()[0] || L.circleMarker([at[1], at[0]], { radius: 0 }); // no ground of its own: another stands on the spot
      const dot = L.circleMarker([at[1], at[0]], { radius: 3.5, weight: 0, fillOpacity: 0.9 });
      ground.bindTooltip(`${name} · ${load ?? ""}`, { sticky: true, direction: "top" });
      dot.bindTooltip(`${name} · ${load ?? ""}`, { direction: "top" });
      cells.set(u, { ground, dot, load, at });
      ground.addTo(map);
    }
    for (const [unit, one] of cells) one.dot.addTo(map).getElement()?.setAttribute("data-unit", unit);
    border.addTo(map);
    const kinds = { road: { color: "#9a4a2f", weight: 3 }, river: { color: "#2f6f9f", weight: 4 }, railway: { color: "#3d3d3d", weight: 3, dashArray: "8 5" } };
    const barriers = {
      style: (line) => ({ color: "#6b5b4d", weight: 2, ...kinds[line.properties.kind], opacity: 0.8 }),
      onEachFeature: (line, shape) => shape.bindTooltip(line.properties.name, { sticky: true }),
    };
    L.geoJSON(data.lines, barriers).addTo(map);
    L.geoJSON(data.today, {
      style: { color: token("--map-line"), weight: 1.5, fillColor: token("--map-fill"), fillOpacity: 0.55 },
      onEachFeature: (feature, shape) => shape.bindTooltip(feature.properties.name, { permanent: true, direction: "center", className: "plan-label" }),
    }).addTo(left);
    L.geoJSON(data.lines, barriers).addTo(left);
    for (const one of cells.values()) L.circleMarker([one.at[1], one.at[0]], { radius: 2, weight: 0, fillColor: token("--ink"), fillOpacity: 0.6, interactive: false }).addTo(left);
    L.geoJSON(data.today, { interactive: false, style: { color: token("--ink"), weight: 1, dashArray: "5 4", fill: false, opacity: 0.6 } }).addTo(map);
    labels.addTo(map);
    hold(map, left);
    let waiting = 0;
    window.addEventListener("resize", () => {
      clearTimeout(waiting);
      waiting = setTimeout(() => {
        for (const one of [map, left]) one.invalidateSize({ pan: false });
        map.fitBounds(border.getBounds(), { padding: [8, 8], animate: false });
        left.setView(map.getCenter(), map.getZoom(), { animate: false, reset: true });
      }, 150);
    });
    read();
    paint();
    if (mayChange) drag(map);
    box.dataset.drawn = "1";
  }

  document.addEventListener("change", (event) => {
    if (event.target.name !== "units" || !event.target.closest("#parts")) return;
    const unit = Number(event.target.value);
    if (event.target.checked) picked.add(unit);
    else picked.delete(unit);
    tell();
    paint();
  });
  document.addEventListener("htmx:afterSettle", () => {
    if (!form()) return;
    read();
    picked.clear();
    tell();
    paint();
  });
  draw();
})();
