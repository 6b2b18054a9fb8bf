// The district's own polygons, drawn from GeoJSON, without a tile server unless one is set. See partials/map.html.
//
// data-areas: polygons (properties.name, .code) · data-points: points (properties.url, .title, .tone, .small) · data-lon/lat: one mark
// "map:drawn" is fired on the box with the map once it stands; faults.js draws on it.
// data-focus: id of the area drawn strong, to which the map goes; data-own: ids of several, without names on them; draw.js draws on maps with data-draw.
// data-points may hold lines too (properties.kind: road, river, railway, other).
// data-pick="lon,lat": a tap sets the fields of those names in the surrounding form, and fires "map:picked" on it.
"use strict";

(() => {
  const english = document.documentElement.lang.startsWith("en");
  const words = english
    ? { here: "My position", outside: "This place is outside the district.", denied: "The position is not available; please tap the map.", failed: "The map could not be loaded; please give the address." }
    : { here: "我的位置", outside: "这里不在本地范围内。", denied: "取不到位置，请直接在地图上点。", failed: "地图没有载入，请填写地址。" };
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const lines = { road: { color: "#9a4a2f", weight: 3 }, river: { color: "#2f6f9f", weight: 4 }, railway: { color: "#3d3d3d", weight: 3, dashArray: "8 5" }, other: { color: "#6b5b4d", weight: 2 } };
  const tell = (text) => document.dispatchEvent(new CustomEvent("tongxin:say", { detail: { text, kind: "error" } }));

  async function draw(box) {
    const wait = box.querySelector(".map-wait");
    let areas;
    try {
      const response = await fetch(box.dataset.areas, { headers: { Accept: "application/geo+json" } });
      if (!response.ok) throw new Error(String(response.status));
      areas = await response.json();
    } catch {
      if (wait) wait.textContent = words.failed;
      return;
    }
    wait?.remove();
    const map = L.map(box, { attributionControl: Boolean(box.dataset.tiles), zoomSnap: 0.25, scrollWheelZoom: false });
    box.addEventListener("focusin", () => map.scrollWheelZoom.enable());
    if (box.dataset.tiles) L.tileLayer(box.dataset.tiles, { maxZoom: 18 }).addTo(map);
    const owned = new Set((box.dataset.own || "").split(",").filter(Boolean));
    const mine = (area) => owned.has(String(area.properties.id)) || (Boolean(box.dataset.focus) && String(area.properties.id) === box.dataset.focus);
    const layer = L.geoJSON(areas, {
      style: (area) => ({ color: colour(mine(area) ? "--ink" : "--map-line"), weight: mine(area) ? 3 : 1, fillColor: colour(area.properties.tone ? `--${area.properties.tone}` : "--map-fill"), fillOpacity: box.dataset.tiles ? 0.25 : 0.55 }),
      interactive: !box.dataset.draw,
      onEachFeature: (area, shape) => area.properties.name && shape.bindTooltip(area.properties.name, box.dataset.focus ? { permanent: true, direction: "center", className: "map-label" } : { sticky: true, direction: "top" }),
    }).addTo(map);
    const own = L.featureGroup(layer.getLayers().filter((one) => mine(one.feature)));
    if (own.getLayers().length) map.fitBounds(own.getBounds().pad(owned.size ? 0.15 : 0.35));
    else if (layer.getLayers().length) map.fitBounds(layer.getBounds(), { padding: [12, 12] });
    else map.setView([Number(box.dataset.lat) || 35, Number(box.dataset.lon) || 105], 4);

    own.bringToFront();

    const dot = (lat, lon, tone, small) => L.circleMarker([lat, lon], { radius: small ? 4 : 8, weight: small ? 1 : 3, color: colour("--card"), fillColor: colour(tone), fillOpacity: 1 });
    let mark = null;
    const put = (lat, lon) => {
      mark?.remove();
      mark = dot(lat, lon, "--map-pick").addTo(map);
    };
    if (box.dataset.lon) {
      put(Number(box.dataset.lat), Number(box.dataset.lon));
      map.setView([Number(box.dataset.lat), Number(box.dataset.lon)], Math.max(map.getZoom(), 15));
    }
    if (box.dataset.points) points(box, map, dot);
    box.dispatchEvent(new CustomEvent("map:drawn", { bubbles: true, detail: { map, colour } }));
    if (box.dataset.pick) pick(box, map, layer, put);
  }

  async function points(box, map, dot) {
    const response = await fetch(box.dataset.points, { headers: { Accept: "application/geo+json" } });
    if (!response.ok) return;
    L.geoJSON(await response.json(), {
      style: (line) => line.geometry.type.endsWith("LineString") && { ...lines[line.properties.kind] || lines.other, opacity: 0.8 },
      pointToLayer: (point, at) => dot(at.lat, at.lng, `--${point.properties.tone || "busy"}`, point.properties.small),
      onEachFeature: (point, shape) => {
        if (point.properties.title) shape.bindTooltip(point.properties.title, { direction: "top" });
        if (point.properties.url) shape.on("click", () => location.assign(point.properties.url));
      },
    }).addTo(map);
  }

  function pick(box, map, layer, put) {
    const [lonName, latName] = box.dataset.pick.split(",");
    const form = box.closest("form");
    const set = (lat, lon, name) => {
      put(lat, lon);
      form.elements[lonName].value = lon.toFixed(6);
      form.elements[latName].value = lat.toFixed(6);
      form.dispatchEvent(new Event("change"));
      box.dispatchEvent(new CustomEvent("map:picked", { bubbles: true, detail: { lon, lat, name } }));
    };
    layer.on("click", (event) => {
      L.DomEvent.stopPropagation(event);
      set(event.latlng.lat, event.latlng.lng, event.propagatedFrom?.feature?.properties?.name || "");
    });
    map.on("click", () => tell(words.outside));
    if (form.elements[lonName].value) put(Number(form.elements[latName].value), Number(form.elements[lonName].value));
    if (!navigator.geolocation || !window.isSecureContext) return;
    const here = document.createElement("button");
    here.type = "button";
    here.className = "btn btn-plain map-here";
    here.textContent = words.here;
    here.addEventListener("click", () =>
      navigator.geolocation.getCurrentPosition(
        ({ coords }) => {
          map.setView([coords.latitude, coords.longitude], 16);
          set(coords.latitude, coords.longitude, "");
        },
        () => tell(words.denied),
        { enableHighAccuracy: true, timeout: 10000 },
      ),
    );
    box.parentElement.append(here);
  }

  document.querySelectorAll("[data-map]").forEach(draw);
})();
