"use strict";
// Everything works without this script but drawing a box, the overlay and the shortcuts.

const all = (what, within = document) => [...within.querySelectorAll(what)];
const one = (what, within = document) => within.querySelector(what);
const csrf = document.body.dataset.csrf;

// Keys for every act: an element with data-key is pressed by it.
document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("textarea, select, input:not([type=radio], [type=checkbox], [type=range], [type=file])");
  if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
  const wanted = event.key === "=" ? "+" : event.key;
  const target = all("[data-key]").find((element) => element.dataset.key === wanted);
  if (target) {
    event.preventDefault();
    target.click();
    // Not on a choice: an arrow there would change the opinion instead of the reference.
    (target.matches("input") ? one("[data-give]") : target).focus({ preventScroll: true });
  }
  if (event.key === "ArrowRight" || event.key === "ArrowLeft") step(event.key === "ArrowRight" ? 1 : -1, event);
});

// A file dropped anywhere on the form is chosen.
for (const form of all("[data-drop]")) {
  const input = one("input[type=file]", form);
  const told = one("[data-busy]", form);
  for (const name of ["dragenter", "dragover"]) {
    form.addEventListener(name, (event) => { event.preventDefault(); form.classList.add("over"); });
  }
  for (const name of ["dragleave", "drop"]) form.addEventListener(name, () => form.classList.remove("over"));
  form.addEventListener("drop", (event) => {
    event.preventDefault();
    input.files = event.dataTransfer.files;
    if (form.reportValidity()) form.requestSubmit();
  });
  form.addEventListener("submit", (event) => {
    told.textContent = told.dataset.busy;
    if (form.dataset.each && input.files.length > 1) { event.preventDefault(); each(form, input, told); }
  });
}

// Several documents are sent one after another, each with the lists that say whose they are.
async function each(form, input, told) {
  const files = [...input.files];
  const isList = (file) => file.name.toLowerCase().endsWith(".csv");
  const lists = files.filter(isList), rest = files.filter((file) => !isList(file));
  const shown = one("[data-taken]"), rows = one("tbody", shown);
  form.inert = true;
  shown.hidden = false;
  for (const [at, file] of rest.entries()) {
    told.textContent = `${told.dataset.busy} ${at + 1} / ${rest.length}: ${file.name}`;
    const body = new FormData();
    body.append("csrf", csrf);
    for (const part of [file, ...lists]) body.append("image", part);
    const reply = await fetch(form.dataset.each, { method: "POST", body }).catch(() => null);
    if (reply?.ok) rows.insertAdjacentHTML("beforeend", await reply.text());
    else {
      const row = rows.insertRow();
      for (const text of [file.name, "", `${told.dataset.failed} ${reply?.status ?? ""}`]) row.insertCell().textContent = text;
    }
  }
  told.textContent = `${rest.length} / ${rest.length}`;
  form.inert = false;
  form.reset();
  one("[data-key=n]", shown).focus();
}

// A box drawn on a page, or typed, is the one that is asked for.
const own = one("[data-own]");
if (own) {
  const sides = Object.fromEntries(all("[data-side]").map((input) => [input.dataset.side, input]));
  const number = (name) => Math.max(Math.round(Number(sides[name].value) || 0), 0);
  const show = () => {
    const page = sides.page.value;
    own.value = `${page}|${["x", "y", "width", "height"].map(number).join(",")}`;
    for (const rect of all("rect.own")) {
      const here = rect.closest("[data-page]").dataset.page === page && own.checked;
      for (const name of ["x", "y", "width", "height"]) rect.setAttribute(name, here ? number(name) : 0);
    }
    const chosen = one("[name=chosen]:checked");
    for (const rect of all("rect[data-value]")) {
      rect.classList.toggle("chosen", !own.checked && chosen && rect.dataset.value === chosen.value);
    }
  };
  for (const input of Object.values(sides)) {
    input.addEventListener("input", () => { own.checked = true; show(); });
  }
  for (const input of all("[name=chosen]")) {
    input.addEventListener("change", () => {
      const found = /^(\d+)\|(\d+),(\d+),(\d+),(\d+)$/.exec(input.value);
      if (found && input !== own) {  // a correction begins at what was found
        ["page", "x", "y", "width", "height"].forEach((name, at) => { sides[name].value = found[at + 1]; });
      }
      show();
    });
  }
  for (const drawing of all(".drawn svg")) {
    const at = (event) => {
      const box = drawing.getBoundingClientRect();
      const view = drawing.viewBox.baseVal;
      const within = (value, most) => Math.min(Math.max(Math.round(value), 0), most);
      return [within((event.clientX - box.left) / box.width * view.width, view.width),
              within((event.clientY - box.top) / box.height * view.height, view.height)];
    };
    drawing.addEventListener("pointerdown", (event) => {
      event.preventDefault();
      const start = at(event);
      const pressed = event.target.dataset.value;
      drawing.setPointerCapture(event.pointerId);
      const move = (next) => {
        const end = at(next);
        sides.page.value = drawing.closest("[data-page]").dataset.page;
        [["x", "width", 0], ["y", "height", 1]].forEach(([from, size, n]) => {
          sides[from].value = Math.min(start[n], end[n]);
          sides[size].value = Math.abs(start[n] - end[n]);
        });
        own.checked = true;
        show();
      };
      drawing.addEventListener("pointermove", move);
      drawing.addEventListener("pointerup", (last) => {
        drawing.removeEventListener("pointermove", move);
        const end = at(last);
        const still = Math.abs(start[0] - end[0]) + Math.abs(start[1] - end[1]) < 8;
        if (still && pressed) {
          const input = all("[name=chosen]").find((choice) => choice.value === pressed);
          if (input) { input.checked = true; input.dispatchEvent(new Event("change")); }
        }
      }, { once: true });
    });
  }
  one("[name=chosen]:checked")?.dispatchEvent(new Event("change"));
}
for (const button of all("[data-writer]")) {
  button.addEventListener("click", () => {
    one("#writer").value = button.dataset.writer;
    one("#writer").focus();
  });
}

// A case: original or ink, zoom of all frames together, which reference, how strongly it lies over.
const view = one("[data-case]");
let ink = false, zoom = 1, which = 1;

function draw() {
  const place = `/desk/cases/${view.dataset.case}/pictures/`;
  const main = one("[data-main]");
  main.dataset.original = place + 3 * which;
  main.dataset.ink = place + (3 * which + 1);
  main.alt = main.alt.replace(/\d+$/, which);
  one("[data-layer]").src = place + (3 * which + 2);
  for (const picture of all("[data-original]", view)) {
    picture.src = ink ? picture.dataset.ink : picture.dataset.original;
  }
  one("[data-which]").textContent = which;
  view.style.setProperty("--zoom", zoom);
  one("[data-layer]").style.opacity = one("[data-opacity]").value / 100;
  for (const button of all("[data-reference]")) {
    button.setAttribute("aria-pressed", Number(button.dataset.reference) === which);
  }
}

function step(by, event) {
  const count = all("[data-reference]").length;
  if (!view || !count || event.target.closest("[type=range], [type=radio]")) return;
  which = (which - 1 + by + count) % count + 1;
  draw();
}

if (view) {
  one("[data-kind]").addEventListener("click", (event) => {
    ink = !ink;
    event.currentTarget.setAttribute("aria-pressed", ink);
    draw();
  });
  for (const button of all("[data-zoom]")) {
    button.addEventListener("click", () => {
      zoom = Math.min(Math.max(zoom * (button.dataset.zoom === "+" ? 1.25 : 0.8), 1), 6);
      draw();
    });
  }
  for (const button of all("[data-reference]")) {
    button.addEventListener("click", () => { which = Number(button.dataset.reference); draw(); });
  }
  one("[data-opacity]").addEventListener("input", draw);
  const frames = all(".frame", view);
  let leading = null;
  for (const frame of frames) {
    frame.addEventListener("pointerenter", () => { leading = frame; });
    frame.addEventListener("scroll", () => {
      if (leading !== frame) return;
      for (const other of frames) if (other !== frame) other.scrollTo(frame.scrollLeft, frame.scrollTop);
    });
  }
  draw();
}
if (view && "held" in view.dataset) {
  setInterval(async () => {
    const body = new URLSearchParams({ csrf });
    const reply = await fetch(`/desk/cases/${view.dataset.case}/lease`, { method: "POST", body });
    if (reply.status === 409) {
      const told = one("[data-told]");
      told.textContent = view.dataset.lost;
      told.hidden = false;
    }
  }, 300000);
}
