// Drawing on a map of areas: taps set corners, which stand in a text field of the form ("lon,lat lon,lat …") and can be typed there too.
//
// On the box of the map (see map.js): data-draw="line" or "ring", data-target: name of the field.
"use strict";

(() => {
  const english = document.documentElement.lang.startsWith("en");
  const words = english ? { back: "Undo a corner", clear: "Clear" } : { back: "退一点", clear: "清除" };

  document.addEventListener("map:drawn", (event) => {
    const box = event.target;
    if (!box.dataset.draw) return;
    const { map, colour } = event.detail;
    const field = box.closest("form").elements[box.dataset.target];
    const ring = box.dataset.draw === "ring";
    const style = { color: colour("--accent"), weight: 3, fillOpacity: 0.15, interactive: false };
    let shape = null;
    const dots = L.layerGroup().addTo(map);
    const read = () => {
      const numbers = /^[\s\d.,;+-]*$/.test(field.value) ? (field.value.match(/[-+]?\d+(?:\.\d+)?/g) || []).map(Number) : [];
      const corners = [];
      for (let i = 0; i + 1 < numbers.length; i += 2) corners.push([numbers[i + 1], numbers[i]]);
      return corners;
    };
    const show = () => {
      shape?.remove();
      dots.clearLayers();
      const corners = read();
      if (!corners.length) return;
      shape = (ring && corners.length > 2 ? L.polygon(corners, style) : L.polyline(corners, style)).addTo(map);
      for (const at of corners) L.circleMarker(at, { radius: 4, weight: 2, color: colour("--accent"), fillColor: colour("--card"), fillOpacity: 1, interactive: false }).addTo(dots);
    };
    const write = (corners) => {
      field.value = corners.map(([lat, lon]) => `${lon.toFixed(6)},${lat.toFixed(6)}`).join(" ");
      show();
    };
    map.doubleClickZoom.disable();
    map.on("click", (tap) => write([...read(), [tap.latlng.lat, tap.latlng.lng]]));
    field.addEventListener("input", show);
    const tools = document.createElement("div");
    tools.className = "acts draw-tools";
    for (const [title, act] of [[words.back, () => write(read().slice(0, -1))], [words.clear, () => write([])]]) {
      const button = document.createElement("button");
      button.type = "button";
      button.className = "btn btn-outline-secondary";
      button.textContent = title;
      button.addEventListener("click", act);
      tools.append(button);
    }
    box.closest("figure").after(tools);
    show();
  });
})();
