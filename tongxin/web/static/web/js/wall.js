// The wall renews itself: asks for its part every some seconds, says since when it is old when nobody answers, tells the time.
(function () {
  "use strict";
  const wall = document.querySelector("[data-wall]");
  if (!wall) return;
  const part = document.getElementById("wall-part"), lost = wall.querySelector(".wall-lost");
  const every = Number(wall.dataset.every) * 1000;
  let failures = 0, over = false;

  function tick() {
    const clock = part.querySelector("[data-clock]");
    if (clock) clock.textContent = new Date().toLocaleTimeString("zh-CN", { hour: "2-digit", minute: "2-digit", timeZone: "Asia/Shanghai", hour12: false });
  }
  function say(words) {
    lost.textContent = words;
    lost.hidden = !words;
    wall.classList.toggle("is-old", Boolean(words));
  }
  function shownAt() {
    const shown = part.querySelector("[data-at]");
    return shown ? shown.dataset.at : "";
  }
  async function renew() {
    const stop = new AbortController(), timer = setTimeout(() => stop.abort(), 10000);
    try {
      const answer = await fetch(wall.dataset.wall, { headers: { "X-Background": "1" }, credentials: "same-origin", redirect: "manual", cache: "no-store", signal: stop.signal });
      if (answer.type === "opaqueredirect" || answer.status === 401) { over = true; say(wall.dataset.signedOut); return; }
      if (answer.status === 403 || answer.status === 404) { over = true; part.replaceChildren(); say(wall.dataset.ended); return; }
      if (!answer.ok) throw new Error(String(answer.status));
      part.innerHTML = await answer.text();
      failures = 0;
      say("");
      tick();
    } catch (error) {
      failures += 1;
      if (failures >= 2) say(wall.dataset.lost.replace("{at}", shownAt()));
    } finally {
      clearTimeout(timer);
      // walls that lost the line together do not come back all at once
      if (!over) setTimeout(renew, Math.min(every * (failures > 3 ? 2 : 1), 60000) * (0.9 + 0.2 * Math.random()));
    }
  }
  setTimeout(renew, every);
  setInterval(tick, 5000);
  tick();
})();
