// What the pages do by themselves: send forms to the API as it wants them, show what comes, and renew the session.
"use strict";

// Renews the session by its refresh cookie. The answer leads back to a page that everybody may see, or to sign in.
async function renew() {
  const answer = await fetch("/auth/refresh?redirect_url=%2Fhealthz");
  return answer.ok && new URL(answer.url).pathname === "/healthz";
}

// Sends a request; if the access token has expired meanwhile, renews it and sends the request again.
async function call(path, options) {
  const answer = await fetch(path, options);
  return answer.status === 401 && (await renew()) ? fetch(path, options) : answer;
}

// What an answer of the API says went wrong, in whichever of its forms.
function explain(status, text) {
  let body;
  try {
    body = JSON.parse(text);
  } catch {
    return `The server answered ${status}. Try again later.`;
  }
  if (Array.isArray(body.errors) && body.errors.length > 0) {
    return body.errors.map((error) => `${error.pointer.replace(/^\//, "")} ${error.detail}`.trim()).join("\n");
  }
  if (Array.isArray(body.detail)) {
    return body.detail.map((error) => `${error.loc.slice(1).join(".")}: ${error.msg}`).join("\n");
  }
  return body.detail || body.message || `The server answered ${status}.`;
}

function tell(form, message) {
  const place = form.querySelector(".failure[role]") || form.parentElement.querySelector(".failure[role]");
  place.textContent = message;
  place.hidden = message === "";
}

const UNREACHABLE = "The server can’t be reached. Try again later.";

function json(body) {
  return { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) };
}

// While it works, a form can't be sent once more.
function onSubmit(form, work) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = form.querySelector("button");
    if (button.disabled || (form.dataset.confirm && !window.confirm(form.dataset.confirm))) return;
    button.disabled = true;
    tell(form, "");
    try {
      const message = await work();
      if (message) tell(form, message);
    } catch {
      tell(form, UNREACHABLE);
    }
    button.disabled = false;
  });
}

// Forms of fields that the API takes as JSON.
for (const form of document.querySelectorAll("form[data-json]")) {
  onSubmit(form, async () => {
    const fields = Object.fromEntries(new FormData(form));
    let answer = await fetch(form.action, json(fields));
    if (answer.ok && form.dataset.signIn) {
      answer = await fetch(form.dataset.signIn, json({ username: fields.username, password: fields.password }));
    }
    if (!answer.ok) return explain(answer.status, await answer.text());
    window.location.assign(form.dataset.then);
  });
}

// Buttons: forms without fields.
for (const form of document.querySelectorAll("form[data-call]")) prepareCall(form);

function prepareCall(form) {
  onSubmit(form, async () => {
    const answer = await call(form.action, { method: form.dataset.call || "POST" });
    if (!answer.ok) return explain(answer.status, await answer.text());
    if (form.dataset.then) window.location.assign(form.dataset.then);
    else window.location.reload();
  });
}

// Uploads, with progress.
for (const form of document.querySelectorAll("form[data-upload]")) {
  onSubmit(form, async () => {
    // An upload is long: better to notice before it that the session has to be renewed.
    const alive = await call("/v1/me");
    if (alive.status === 401) return window.location.assign("/login");
    const bar = form.querySelector("progress");
    bar.hidden = false;
    const answer = await upload(form, bar);
    bar.hidden = true;
    if (answer.status !== 202) return explain(answer.status, answer.responseText);
    window.location.assign(answer.getResponseHeader("Location").replace("/v1/", "/console/"));
  });
}

function upload(form, bar) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.upload.addEventListener("progress", (event) => {
      if (event.lengthComputable) bar.value = event.loaded / event.total;
    });
    request.addEventListener("load", () => resolve(request));
    request.addEventListener("error", reject);
    request.open("POST", form.action);
    request.send(new FormData(form));
  });
}

// Transcriptions that are under way.
function follow(place) {
  const source = new EventSource(place.dataset.events);
  let heard = false;
  source.addEventListener("chunk", (event) => show(JSON.parse(event.data)));
  source.addEventListener("progress", (event) => {
    const { done, planned, eta_seconds: eta } = JSON.parse(event.data);
    const bar = place.querySelector("progress");
    if (bar) Object.assign(bar, { max: planned, value: done });
    const left = eta === null ? "" : `, about ${Math.ceil(eta / 60)} min left`;
    const count = place.querySelector(".count");
    if (count) count.textContent = `${done} of ${planned} parts${left}`;
  });
  source.addEventListener("state", (event) => {
    heard = true;
    if (JSON.parse(event.data).state === place.dataset.state) return;
    source.close();
    redraw(place);
  });
  source.addEventListener("error", async () => {
    // A connection that broke is made again by the browser; one that was refused is not.
    if (source.readyState !== EventSource.CLOSED) return;
    if (heard && (await renew())) follow(place);
  });
}

// Puts what the server now shows in the place of what it showed.
async function redraw(place) {
  const answer = await call(window.location.href, { headers: { Accept: "text/html" } });
  if (!answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const now = page.getElementById(place.id);
  if (!now) return;
  place.replaceWith(now);
  enliven(now);
  for (const form of now.querySelectorAll("form[data-call]")) prepareCall(form);
}

// Adds a chunk to the text, or replaces it.
function show(chunk) {
  const text = document.querySelector("#text[data-grows]");
  if (!text) return;
  const parts = Array.from(text.children);
  const number = (part) => Number(part.dataset.number);
  if (parts.length > 0 && chunk.number < number(parts[0]) && new URLSearchParams(window.location.search).has("page")) {
    return;
  }
  const part = document.createElement("li");
  part.dataset.number = chunk.number;
  const starts = document.createElement("span");
  starts.className = "starts";
  starts.textContent = clock(chunk.start_seconds);
  const words = document.createElement("p");
  words.textContent = chunk.text;
  part.append(starts, " ", words);
  const known = parts.find((other) => number(other) === chunk.number);
  if (known) known.replaceWith(part);
  else text.insertBefore(part, parts.find((other) => number(other) > chunk.number) || null);
}

function clock(seconds) {
  const two = (number) => String(number).padStart(2, "0");
  const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, Math.floor(seconds) % 60];
  return h > 0 ? `${h}:${two(m)}:${two(s)}` : `${m}:${two(s)}`;
}

// What a part of a page needs of the script.
function enliven(part) {
  for (const button of part.querySelectorAll("[data-needs-script]")) button.disabled = false;
  for (const time of part.querySelectorAll("time")) {
    const local = new Date(time.dateTime).toLocaleString(undefined, { dateStyle: "medium", timeStyle: "short" });
    time.textContent = local;
  }
  const places = part.matches("[data-events]") ? [part] : part.querySelectorAll("[data-events]");
  for (const place of places) follow(place);
}

for (const link of document.querySelectorAll("[data-sign-out]")) {
  link.addEventListener("click", async (event) => {
    event.preventDefault();
    const answer = await call(link.href);
    // Whose session is over already is signed out too.
    if (answer.ok || answer.status === 401) window.location.assign("/login");
  });
}

enliven(document.body);
