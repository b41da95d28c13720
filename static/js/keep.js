// Keeps what is typed into an application, a moment after the last key: a lost connection or a closed browser loses nothing. Without
// it the form works as any other; nothing here is needed to write, to save or to sign.
(() => {
  "use strict";
  const place = document.getElementById("keeping");
  const form = document.getElementById("writing");
  if (!place || !form) return;
  let timer = 0;
  let open = false;
  let busy = false;
  let sent = false;
  const typed = () => {
    const fields = new URLSearchParams();
    for (const [name, value] of new FormData(form)) {
      // The key of the form is for the save alone.
      if (name !== "form_key" && typeof value === "string") fields.append(name, value);
    }
    return fields;
  };
  const later = (wait) => {
    clearTimeout(timer);
    timer = setTimeout(keep, wait);
  };
  const keep = async () => {
    if (busy) return later(600);
    busy = true;
    open = false;
    try {
      const answer = await fetch(place.dataset.keep, { method: "POST", body: typed(), credentials: "same-origin" });
      if (!answer.ok) throw new Error(String(answer.status));
      place.textContent = place.dataset.kept;
    } catch {
      open = true;
      place.textContent = place.dataset.failed;
      if (!sent) later(5000);
    } finally {
      busy = false;
    }
  };
  form.addEventListener("input", () => {
    open = true;
    later(600);
  });
  form.addEventListener("submit", () => {
    sent = true;
    clearTimeout(timer);
  });
  addEventListener("pagehide", () => {
    if (open && !sent) navigator.sendBeacon(place.dataset.keep, typed());
  });
})();
