// Sends pictures ahead while the rest of the form is being filled: small first (poor signal), each with its own retry.
// Without scripts the files simply come along with the form (<form enctype="multipart/form-data">).
"use strict";

(() => {
  const SIDE = 1920;
  const english = document.documentElement.lang.startsWith("en");
  const words = english
    ? { add: "Add photo", drop: "Remove", most: "At most 6 photos.", failed: "This photo was not sent. Tap it to try again." }
    : { add: "加照片", drop: "去掉这张", most: "最多放 6 张照片。", failed: "这张没有传上去，点照片再传一次。" };
  const MOST = 6;

  const tell = (text) => document.dispatchEvent(new CustomEvent("tongxin:say", { detail: { text, kind: "error" } }));

  async function shrink(file) {
    try {
      const bitmap = await createImageBitmap(file, { imageOrientation: "from-image" });
      const scale = Math.min(1, SIDE / Math.max(bitmap.width, bitmap.height));
      if (scale === 1 && file.size < 800000) return file;
      const canvas = document.createElement("canvas");
      canvas.width = Math.round(bitmap.width * scale);
      canvas.height = Math.round(bitmap.height * scale);
      canvas.getContext("2d").drawImage(bitmap, 0, 0, canvas.width, canvas.height);
      return await new Promise((done) => canvas.toBlob((blob) => done(blob || file), "image/jpeg", 0.85));
    } catch {
      return file; // a kind that this browser cannot open (HEIC): the server can
    }
  }

  function dress(input) {
    if (input.dataset.dressed) return;
    input.dataset.dressed = "1";
    const form = input.form;
    const box = document.createElement("div");
    const add = document.createElement("button");
    box.className = "photo-box";
    add.type = "button";
    add.className = "photo-add";
    add.textContent = `＋ ${words.add}`;
    add.addEventListener("click", () => input.click());
    box.append(add);
    input.after(box);
    const name = input.name;
    input.removeAttribute("name");
    input.hidden = true;

    const count = () => box.querySelectorAll(".photo-one").length;
    const refresh = () => {
      add.hidden = count() >= MOST;
      form.dispatchEvent(new Event("change"));
    };

    function tile(source) {
      const one = document.createElement("div");
      const picture = document.createElement("img");
      const drop = document.createElement("button");
      one.className = "photo-one";
      picture.src = source;
      picture.alt = "";
      drop.type = "button";
      drop.className = "photo-drop";
      drop.textContent = "✕";
      drop.setAttribute("aria-label", words.drop);
      drop.addEventListener("click", () => {
        one.remove();
        refresh();
      });
      one.append(picture, drop);
      add.before(one);
      return one;
    }

    function taken(one, id, thumb) {
      const hidden = document.createElement("input");
      hidden.type = "hidden";
      hidden.name = name;
      hidden.value = id;
      one.append(hidden);
      one.dataset.id = id;
      one.dataset.thumb = thumb;
      const picture = one.querySelector("img");
      if (!picture.naturalWidth) picture.src = thumb; // this browser cannot open the file itself (HEIC)
      one.removeAttribute("aria-busy");
      refresh();
    }

    async function send(one, file) {
      one.setAttribute("aria-busy", "true");
      const body = new FormData();
      body.append("photo", await shrink(file), "photo");
      body.append("csrfmiddlewaretoken", form.elements.csrfmiddlewaretoken.value);
      let refusal = null;
      try {
        const response = await fetch(input.dataset.photos, { method: "POST", body, headers: { Accept: "application/json" } });
        const answer = await response.json();
        if (response.ok) return taken(one, answer.id, answer.thumb);
        refusal = `${answer.what}${answer.mend}`;
      } catch {
        one.addEventListener("click", () => send(one, file), { once: true });
        return tell(words.failed);
      }
      one.remove();
      refresh();
      tell(refusal);
    }

    input.addEventListener("change", () => {
      for (const file of input.files) {
        if (count() >= MOST) {
          tell(words.most);
          break;
        }
        send(tile(URL.createObjectURL(file)), file);
      }
      input.value = "";
      refresh();
    });
    form.addEventListener("photos:restore", (event) => {
      for (const [id, thumb] of event.detail) if (count() < MOST) taken(tile(thumb), id, thumb);
    });
  }

  document.querySelectorAll("input[type=file][data-photos]").forEach(dress);
})();
