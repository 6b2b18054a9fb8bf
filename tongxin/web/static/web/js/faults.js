// Faults of borders on the map and in the list beside it: a click on one shows the other. See admin/parts/topology.html.
//
// data-faults: GeoJSON with properties n, title, tone, at (lon, lat) · data-under: outlines drawn as dashed lines beneath.
"use strict";

(() => {
  async function load(address) {
    const response = await fetch(address, { headers: { Accept: "application/geo+json" } });
    return response.ok ? response.json() : { type: "FeatureCollection", features: [] };
  }

  document.addEventListener("map:drawn", async (event) => {
    const box = event.target;
    if (!box.dataset.faults) return;
    const { map, colour } = event.detail;
    if (box.dataset.under) {
      const style = { color: colour("--ink-2"), weight: 2, dashArray: "6 5", fill: false, interactive: false };
      const under = L.geoJSON(await load(box.dataset.under), { style, pointToLayer: () => L.layerGroup() }).addTo(map);
      if (!map.getBounds().isValid() || map.getZoom() < 5) map.fitBounds(under.getBounds());
    }
    const shapes = new Map();
    const rows = new Map();
    for (const row of document.querySelectorAll("[data-fault]")) rows.set(Number(row.dataset.fault), row);

    const light = (n) => {
      for (const [number, row] of rows) row.classList.toggle("lit", number === n);
      for (const [number, shape] of shapes) shape.mark.setStyle({ radius: number === n ? 11 : 7 });
    };
    const show = (n) => {
      const shape = shapes.get(n);
      if (!shape) return;
      light(n);
      map.fitBounds(shape.area.getBounds().pad(0.6), { maxZoom: 18 });
      shape.mark.bringToFront();
    };

    L.geoJSON(await load(box.dataset.faults), {
      style: (fault) => ({ color: colour(`--${fault.properties.tone}`), weight: 2, fillOpacity: 0.45 }),
      pointToLayer: (fault, at) => L.circleMarker(at, { radius: 3 }),
      onEachFeature: (fault, area) => {
        const { n, title, tone, at } = fault.properties;
        const mark = L.circleMarker([at[1], at[0]], { radius: 7, weight: 2, color: colour("--card"), fillColor: colour(`--${tone}`), fillOpacity: 1 });
        if (!area.getBounds) area.getBounds = () => L.latLngBounds([area.getLatLng(), area.getLatLng()]);
        shapes.set(n, { area, mark });
        for (const layer of [area, mark]) {
          layer.bindTooltip(title, { direction: "top" });
          layer.on("click", (click) => {
            L.DomEvent.stopPropagation(click);
            light(n);
            rows.get(n)?.scrollIntoView({ block: "nearest", behavior: "smooth" });
            rows.get(n)?.focus({ preventScroll: true });
          });
        }
      },
    }).addTo(map);
    for (const { mark } of shapes.values()) mark.addTo(map);

    const pick = (row) => {
      show(Number(row.dataset.fault));
      if (box.getBoundingClientRect().top < 0 || box.getBoundingClientRect().top > window.innerHeight) box.scrollIntoView({ block: "nearest" });
    };
    for (const row of rows.values()) {
      row.addEventListener("click", (click) => click.target.closest("a, button") || pick(row));
      row.addEventListener("keydown", (key) => {
        if (key.key === "Enter" && key.target === row) pick(row);
      });
    }
    box.dataset.ready = "1";
  });
})();
