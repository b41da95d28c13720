// Passkeys: the browser signs what the house asked, and the form carries the answer in the place of a code. Without it, and without a
// passkey, the code is typed as ever.
(() => {
  "use strict";
  if (!window.PublicKeyCredential || !navigator.credentials) return;
  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
  const text = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const named = (list) => (list ?? []).map((one) => ({ ...one, id: bytes(one.id) }));
  const told = (credential, response) =>
    JSON.stringify({
      id: credential.id,
      rawId: text(credential.rawId),
      type: credential.type,
      extensions: {},
      response,
    });

  const ask = async (place) => {
    const form = place.closest("form");
    const status = place.querySelector("[role=status]");
    status.textContent = "";
    try {
      const answer = await fetch("/account/passkeys/challenge", {
        method: "POST",
        body: new URLSearchParams({ for: "proof" }),
        credentials: "same-origin",
      });
      if (!answer.ok) throw new Error(String(answer.status));
      const { publicKey } = await answer.json();
      const options = {
        ...publicKey,
        challenge: bytes(publicKey.challenge),
        allowCredentials: named(publicKey.allowCredentials),
      };
      const credential = await navigator.credentials.get({ publicKey: options });
      const { authenticatorData, clientDataJSON, signature, userHandle } = credential.response;
      const field = form.elements[place.dataset.passkeyFor];
      const carried = document.createElement("input");
      carried.type = "hidden";
      carried.name = field.name;
      carried.value = told(credential, {
        authenticatorData: text(authenticatorData),
        clientDataJSON: text(clientDataJSON),
        signature: text(signature),
        userHandle: userHandle ? text(userHandle) : null,
      });
      field.disabled = true;
      form.append(carried);
      if (form.reportValidity()) return form.submit();
      carried.remove();
      field.disabled = false;
    } catch {
      status.textContent = place.dataset.failed;
    }
  };

  const make = async (field) => {
    const form = field.form;
    try {
      const { publicKey } = JSON.parse(field.dataset.passkeyMake);
      const credential = await navigator.credentials.create({
        publicKey: {
          ...publicKey,
          challenge: bytes(publicKey.challenge),
          user: { ...publicKey.user, id: bytes(publicKey.user.id) },
          excludeCredentials: named(publicKey.excludeCredentials),
        },
      });
      const { attestationObject, clientDataJSON } = credential.response;
      field.value = told(credential, {
        attestationObject: text(attestationObject),
        clientDataJSON: text(clientDataJSON),
      });
      form.submit();
    } catch {
      const status = document.getElementById("passkey-status");
      status.textContent = status.dataset.failed;
    }
  };

  for (const place of document.querySelectorAll("[data-passkey-for]")) {
    place.hidden = false;
    place.querySelector("button").addEventListener("click", () => ask(place));
  }
  for (const field of document.querySelectorAll("[data-passkey-make]")) {
    field.form.addEventListener("submit", (event) => {
      if (field.value) return;
      event.preventDefault();
      make(field);
    });
  }
})();
