// Small helps on top of pages that work without them. No dependency; every text comes from the page.
"use strict";
(() => {
  const $ = (selector, from = document) => from.querySelector(selector);
  const $$ = (selector, from = document) => [...from.querySelectorAll(selector)];
  const on = (event, selector, act) => document.addEventListener(event, (e) => {
    const hit = e.target instanceof Element && e.target.closest(selector);
    if (hit) act(e, hit);
  });
  const later = (act, wait) => { let timer; return (...a) => { clearTimeout(timer); timer = setTimeout(act, wait, ...a); }; };
  const root = document.documentElement;
  const cookie = (name, value, path = "/") => {
    const secure = location.protocol === "https:" ? ";secure" : "";
    document.cookie = `${name}=${encodeURIComponent(value)};path=${path};max-age=31536000;samesite=lax${secure}`;
  };
  const typing = (e) => e.target.closest?.("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]");

  // ---- Display: theme, size, contrast act at once; the money unit is drawn by the server ----
  on("change", "form[data-display] input", (e, input) => {
    cookie(input.name, input.value);
    if (input.name === "unit") return location.reload();
    root.dataset[input.name] = input.value;
    dispatchEvent(new Event("yulan:theme"));
  });

  // ---- Menus (details): one open at a time, closed by Escape or a click elsewhere ----
  document.addEventListener("click", (e) => {
    for (const menu of $$("details.y-menu[open]")) if (!menu.contains(e.target)) menu.open = false;
  });
  document.addEventListener("keydown", (e) => {
    const menu = e.key === "Escape" && $("details.y-menu[open]");
    if (menu) { menu.open = false; $("summary", menu).focus(); }
  });

  // ---- Search palette: an accessible combobox over /search ----
  const palette = $("#palette");
  const options = () => $$("[role=option]", palette);
  const mark = (option) => {
    for (const one of options()) one.setAttribute("aria-selected", String(one === option));
    const input = $("input", palette);
    if (!option) return input.removeAttribute("aria-activedescendant");
    input.setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  };
  let asked = 0;
  const ask = later(async () => {
    const input = $("input", palette), box = $(".y-results", palette), turn = ++asked;
    const words = input.value.trim();
    if (!words) { box.replaceChildren(); $(".y-status", palette).hidden = false; return; }
    try {
      const body = new FormData(input.form);  // sent, not asked for by address: somebody may type a personal number
      body.set("format", "fragment");
      const answer = await fetch(palette.dataset.url, { method: "POST", body });
      if (!answer.ok || turn !== asked) return;
      box.innerHTML = await answer.text();
    } catch { return; }
    options().forEach((option, n) => { option.id = `found-${n}`; option.tabIndex = -1; });
    $(".y-status", palette).hidden = true;
    mark(options()[0]);
  }, 150);
  const openPalette = () => { if (!palette.open) palette.showModal(); const input = $("input", palette); input.focus(); input.select(); };
  if (palette) {
    on("click", "[data-palette]", (e) => { e.preventDefault(); openPalette(); });
    $("input", palette).addEventListener("input", ask);
    palette.addEventListener("keydown", (e) => {
      const all = options(), at = all.findIndex((one) => one.getAttribute("aria-selected") === "true");
      const step = { ArrowDown: 1, ArrowUp: -1 }[e.key];
      if (step && all.length) { e.preventDefault(); mark(all[(at + step + all.length) % all.length]); }
      if (e.key === "Enter" && at >= 0) { e.preventDefault(); all[at].click(); }
    });
  }
  on("click", "dialog", (e, dialog) => { if (e.target === dialog) dialog.close(); });
  on("click", "[data-close]", (e, button) => button.closest("dialog").close());

  // ---- Keyboard: Ctrl-K or / search, j/k rows, x pick, e edit, ? help ----
  const rows = () => $$("[data-rows] tbody tr, [data-rows] > li");
  const step = (by) => {
    const all = rows();
    if (!all.length) return;
    const at = all.findIndex((row) => row.contains(document.activeElement));
    const next = all[Math.min(all.length - 1, Math.max(0, at + by))];
    ($("a", next) || $("input", next))?.focus();
    next.scrollIntoView({ block: "nearest" });
  };
  const keys = {
    "/": openPalette, j: () => step(1), k: () => step(-1), e: () => $("[data-key=e]")?.click(),
    x: () => $("[name=ids]", document.activeElement.closest("tr") || document.createElement("i"))?.click(),
    "?": () => $("#keys")?.showModal(),
  };
  const singles = $("[data-single-keys]");
  try { if (singles) singles.checked = localStorage.getItem("keys") !== "off"; } catch { /* private mode: on */ }
  on("change", "[data-single-keys]", (e, box) => { try { localStorage.setItem("keys", box.checked ? "on" : "off"); } catch { /* this page only */ } });
  document.addEventListener("keydown", (e) => {
    if ((e.ctrlKey || e.metaKey) && e.key.toLowerCase() === "k" && palette) { e.preventDefault(); return openPalette(); }
    if (e.ctrlKey || e.metaKey || e.altKey || typing(e) || $("dialog[open]") || !(e.key in keys) || singles?.checked === false) return;
    e.preventDefault();
    keys[e.key]();
  });

  // ---- Lists: pick rows, pick the page, pick all that match; the bar appears with the first pick ----
  const picked = (form) => {
    const boxes = $$("[name=ids]", form), count = boxes.filter((box) => box.checked).length, all = $("[name=all]", form);
    const head = $("[data-pick-page]", form), bar = $(".y-bulk", form);
    for (const box of boxes) box.closest("tr").classList.toggle("is-picked", box.checked || all.checked);
    if (head) { head.checked = count > 0 && count === boxes.length; head.indeterminate = count > 0 && count < boxes.length; }
    bar.classList.toggle("is-on", count > 0 || all.checked);
    $("[data-picked]", bar).textContent = all.checked ? all.dataset.total : String(count);
  };
  on("change", "form[data-bulk] input", (e, input) => {
    const form = input.form;
    if (input.matches("[data-pick-page]")) for (const box of $$("[name=ids]", form)) box.checked = input.checked;
    if (input.name === "ids" && !input.checked) $("[name=all]", form).checked = false;
    picked(form);
  });
  on("click", "[data-pick-none]", (e, button) => {
    for (const box of $$("input[type=checkbox]", button.form)) box.checked = false;
    picked(button.form);
  });
  on("click", "[data-columns-apply]", (e, button) => {  // kept for this list only: the cookie's path is the list's
    e.preventDefault();
    cookie("columns", $$("[name=columns]:checked", button.closest("[data-columns]")).map((box) => box.value).join("~"), location.pathname);
    location.reload();
  });
  on("change", "[data-go]", (e, select) => { if (select.value) location.assign(select.value); });
  on("click", "[data-print]", () => print());
  on("click", "[data-back]", () => history.back());
  document.addEventListener("htmx:configRequest", (e) => {
    if (e.target.matches("form[data-clean]")) for (const [name, value] of [...e.detail.formData]) if (!value || name === "columns") e.detail.formData.delete(name);
  });
  const widen = () => { for (const box of $$(".y-wrap")) { box.classList.remove("y-scroll"); const wide = box.scrollWidth > box.clientWidth + 1; box.classList.toggle("y-scroll", wide); if (wide) box.tabIndex = 0; else box.removeAttribute("tabindex"); } };

  // ---- Forms: leaving asks, drafts stay on this device until sent ----
  let dirty = null, sending = false;
  const key = (form) => `draft:${document.body.dataset.actor || ""}:${form.dataset.draft}`;
  const kept = (field) => field.name && field.name !== "csrfmiddlewaretoken" && !field.readOnly && !field.matches("[type=hidden], [type=password], [type=file], [data-no-draft]");
  const values = (form) => Object.fromEntries([...form.elements].filter(kept).map((f) => [f.name, f.type === "checkbox" ? f.checked : f.value]));
  const keep = later((form) => {
    if (sending) return;
    try { localStorage.setItem(key(form), JSON.stringify({ at: Date.now(), values: values(form) })); } catch { return; }
    const said = $("[data-draft-saved]", form);
    if (said) { said.hidden = false; $("time", said).textContent = new Date().toLocaleTimeString(root.lang, { hour: "2-digit", minute: "2-digit" }); }
  }, 600);
  on("input", "form[data-guard]", (e, form) => { dirty = form; if (form.dataset.draft) keep(form); });
  on("submit", "form", (e, form) => {
    if (form === dirty) dirty = null;
    if (!form.dataset.draft) return;
    sending = true;
    try {
      const draft = JSON.parse(localStorage.getItem(key(form)) || "null");
      if (draft) localStorage.setItem(key(form), JSON.stringify({ ...draft, sent: form.dataset.draft }));
    } catch { /* private mode: no drafts */ }
  });
  addEventListener("beforeunload", (e) => { if (dirty) e.preventDefault(); });
  const drafts = (act) => {
    try {
      for (const name of Object.keys(localStorage)) if (name.startsWith("draft:")) act(name, JSON.parse(localStorage.getItem(name)));
    } catch { /* private mode: no drafts */ }
  };
  const offer = () => {
    drafts((name, draft) => {  // sent, and the server has moved on, not to ask who one is: it was accepted; older than 30 days: forgotten
      const accepted = draft.sent && draft.sent !== location.pathname && location.pathname !== "/sign-in";
      if (accepted || Date.now() - draft.at > 30 * 864e5) localStorage.removeItem(name);
    });
    for (const form of $$("form[data-draft]")) {
      let draft = null;
      try {
        draft = JSON.parse(localStorage.getItem(key(form)) || "null");
        if (draft?.sent) localStorage.setItem(key(form), JSON.stringify({ ...draft, sent: "" }));  // back here: it was not taken
      } catch { continue; }
      const note = $("[data-draft-note]", form), now = values(form);
      if (!draft || !note || form.dataset.errors) continue;
      if (!Object.entries(draft.values).some(([name, value]) => name in now && now[name] !== value)) continue;
      $("time", note).textContent = new Date(draft.at).toLocaleString(root.lang, { dateStyle: "medium", timeStyle: "short" });
      note.hidden = false;
      $("[data-draft-use]", note).onclick = () => {
        for (const field of [...form.elements].filter(kept)) {
          if (!(field.name in draft.values)) continue;
          if (field.type === "checkbox") field.checked = draft.values[field.name];
          else if (field.type === "radio") field.checked = field.value === draft.values[field.name];
          else field.value = draft.values[field.name];
        }
        dirty = form; note.hidden = true; $(".form-control, .form-select", form)?.focus();
      };
      $("[data-draft-drop]", note).onclick = () => { localStorage.removeItem(key(form)); note.hidden = true; };
    }
  };
  on("submit", "form[data-sign-out]", () => drafts((name) => localStorage.removeItem(name)));
  on("submit", "form[data-once]", (e, form) => {  // one click, one request; the idempotency key guards the rest
    if (form.dataset.busy) return e.preventDefault();
    form.dataset.busy = "1";
    setTimeout(() => delete form.dataset.busy, 8000);
  });

  // ---- Reference fields: suggestions while typing ----
  const suggest = later(async (input) => {
    const list = input.list, words = input.value.trim();
    if (!list || !words || [...list.options].some((option) => option.value === words)) return;
    try {
      const answer = await fetch(`${input.dataset.lookup}${input.dataset.lookup.includes("?") ? "&" : "?"}q=${encodeURIComponent(words)}`);
      if (answer.ok) list.innerHTML = await answer.text();
    } catch { /* offline: type the code */ }
  }, 200);
  on("input", "input[data-lookup]", (e, input) => {
    const said = $("[data-picked-name]", input.closest(".y-field") || input), words = input.value.trim();
    if (said) said.textContent = [...(input.list?.options || [])].find((option) => option.value === words)?.label || "";
    suggest(input);
  });

  // ---- Uploads: how far, through htmx ----
  document.addEventListener("htmx:xhr:progress", (e) => {
    const bar = $("progress", e.target);
    if (bar && e.detail.lengthComputable) { bar.closest("[data-progress]").hidden = false; bar.max = e.detail.total; bar.value = e.detail.loaded; }
  });
  on("change", "input[type=file][data-max]", (e, input) => {
    const large = [...input.files].some((file) => file.size > Number(input.dataset.max));
    input.setCustomValidity(large ? input.dataset.tooLarge : "");
    input.reportValidity();
  });

  // ---- Copy ----
  on("click", "[data-copy]", async (e, button) => {
    try { await navigator.clipboard.writeText(button.dataset.copy); } catch { return prompt("", button.dataset.copy); }
    const before = button.textContent;
    button.textContent = button.dataset.copied;
    setTimeout(() => { button.textContent = before; }, 1500);
  });

  const ready = () => {
    $("[data-summary]")?.focus();
    widen();
    offer();
  };
  addEventListener("resize", later(widen, 150));
  document.addEventListener("htmx:afterSettle", ready);
  ready();
})();
