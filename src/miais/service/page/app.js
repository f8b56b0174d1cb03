// The page's behaviour: forms become requests, answers become words. No framework: the flow is five forms, each with
// one question and one answer, and a page of our own keeps labels, focus and announcements in our hands.
"use strict";

const find = (selector, within = document) => within.querySelector(selector);
const findAll = (selector, within = document) => [...within.querySelectorAll(selector)];
const made = (tag, properties = {}, ...children) => {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
};

let key = "", system = null, carrier = null;

// One request; a refusal becomes an Error whose text a person can read.
async function ask(path, options = {}) {
  const headers = { Accept: "application/json", ...(key && { Authorization: `Bearer ${key}` }), ...options.headers };
  let answer;
  try {
    answer = await fetch(path, { ...options, headers });
  } catch {
    throw new Error("The service cannot be reached. Is it still running?");
  }
  if (answer.ok) return answer;
  if (answer.status === 401) find("#key").hidden = false;
  const problem = await answer.json().catch(() => ({}));
  throw new Error(inPlainWords(answer.status, problem.detail ?? answer.statusText));
}

const FIELDS = { secret: "The face to hide", cover: "The picture that will carry it", container: "The picture",
  "containers[0]": "The picture", a: "The first picture", b: "The second picture", person: "The name" };

function inPlainWords(status, detail) {
  if (status === 401) return "This service asks for an access key. Enter it at the top of the page.";
  if (status === 413) return "These pictures are too large to send. Choose smaller ones.";
  if (status === 429 || status === 503) return "Too much is going on right now. Wait a moment and try again.";
  const [field, rest] = [detail.split(":")[0], detail.split(":").slice(1).join(":").trim()];
  return FIELDS[field] && rest ? `${FIELDS[field]} cannot be used: ${rest}` : detail;
}

// A place to choose or drop one picture.
function makeDrop(drop) {
  const { name, label, hint } = drop.dataset;
  const id = `${drop.closest("form").dataset.verb}-${name}`;
  const input = made("input", { type: "file", id, name, accept: "image/png,image/jpeg,image/webp,image/bmp,image/tiff" });
  input.setAttribute("aria-describedby", `${id}-hint`);
  const preview = made("img", { alt: "", hidden: true });
  drop.append(made("label", { htmlFor: id, textContent: label }),
    made("p", { className: "hint", id: `${id}-hint`, textContent: `${hint} Choose a file or drop it here.` }), input, preview);
  drop.choose = (blob) => {
    drop.picture = blob;
    if (preview.src) URL.revokeObjectURL(preview.src);
    preview.hidden = !blob;
    if (blob) preview.src = URL.createObjectURL(blob);
    else preview.removeAttribute("src");
    if (blob && name === "cover") findAll("[name=cover_name]").forEach((radio) => { radio.checked = false; });
  };
  preview.addEventListener("error", () => { preview.hidden = true; });
  input.addEventListener("change", () => drop.choose(input.files[0] ?? null));
  for (const kind of ["dragenter", "dragover"]) drop.addEventListener(kind, (event) => {
    event.preventDefault();
    drop.classList.add("over");
  });
  for (const kind of ["dragleave", "drop"]) drop.addEventListener(kind, () => drop.classList.remove("over"));
  drop.addEventListener("drop", (event) => {
    event.preventDefault();
    if (event.dataTransfer.files[0]) {
      input.files = event.dataTransfer.files;
      drop.choose(event.dataTransfer.files[0]);
    }
  });
}

// A photograph above the service's limit is made smaller here; a picture that carries a face never is.
async function smaller(blob) {
  let bitmap;
  try {
    bitmap = await createImageBitmap(blob);
  } catch {
    return blob; // no picture: the service says so better
  }
  const factor = Math.sqrt((system?.max_pixels ?? 4e6) / (bitmap.width * bitmap.height));
  if (factor >= 1) return blob;
  const canvas = made("canvas", { width: Math.floor(bitmap.width * factor), height: Math.floor(bitmap.height * factor) });
  canvas.getContext("2d").drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  return new Promise((done) => canvas.toBlob((png) => done(png ?? blob), "image/jpeg", 0.95));
}

async function formOf(form) {
  const data = new FormData();
  for (const field of findAll("input:not([type=file])", form)) {
    if (!["checkbox", "radio"].includes(field.type) || field.checked) data.append(field.name, field.value);
  }
  for (const drop of findAll(".drop", form)) {
    const { name, label, shrink } = drop.dataset;
    if (drop.picture) data.append(name, shrink === undefined ? drop.picture : await smaller(drop.picture), "picture");
    else if (name !== "cover" || !data.get("cover_name")) throw new Error(`Choose a picture first: ${label.toLowerCase()}.`);
  }
  if (data.has("cover")) data.delete("cover_name");
  if (data.has("person") && !data.get("person").trim()) throw new Error("Give a name first.");
  return data;
}

const number = (value, digits) => value === null ? "–" : value.toFixed(digits);
const blobOf = (base64) => new Blob([Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))], { type: "image/png" });

const VERBS = {
  hide: { path: "/hide", busy: "Hiding the face…", async show(answer) {
    const hidden = await answer.json();
    carrier = blobOf(hidden.container);
    find("#container").src = find("#save").href = URL.createObjectURL(carrier);
    find("#change").src = `data:image/png;base64,${hidden.change}`;
    find("#psnr").textContent = hidden.psnr_db === null ? "no change" : `${number(hidden.psnr_db, 1)} dB`;
    find("#ssim").textContent = number(hidden.ms_ssim, 4);
    find("#steg").textContent = number(hidden.stegexpose.score, 3);
    find("#steg-said").textContent = hidden.stegexpose.suspicious
      ? "A program that searches for hidden data would notice this picture."
      : `A program that searches for hidden data notices nothing below ${hidden.stegexpose.threshold}.`;
    find("#notes").textContent = hidden.notes.join(" ");
  } },
  enrol: { path: "/enroll", busy: "Remembering…", async show(answer) {
    find("#enrolled").textContent = `${(await answer.json()).person} is remembered.`;
    await showPeople();
  } },
  identify: { path: "/identify", busy: "Comparing…", async show(answer) {
    const found = await answer.json();
    find("#identified").textContent = found.person ? `This is ${found.person}.` : found.candidates.length
      ? "This is nobody who is remembered here." : "Nobody is remembered here yet.";
    find("#candidates").replaceChildren(...found.candidates.map((each, place) => made("li",
      { className: each.person === found.person ? "found" : "" }, made("span", { textContent: `${place + 1}. ${each.person}` }),
      made("span", { className: "hint", textContent: [each.probability === null ? "" :
        `${Math.round(100 * each.probability)} % likely`, `distance ${number(each.distance, 2)}`].filter(Boolean).join(", ") }))));
    find("#candidates-said").textContent = found.candidates.length
      ? `The nearest come first. Of 100 strangers about ${+(100 * found.false_positive_rate).toPrecision(2)} would be taken for somebody here.` : "";
  } },
  verify: { path: "/verify", busy: "Comparing…", async show(answer) {
    const { same, distance, threshold } = await answer.json();
    find("#verified").textContent = same === null ? "This cannot be told." : same ? "Yes, the same person." : "No, two different people.";
    find("#verified-said").textContent = `They are ${number(distance, 2)} apart; up to ${number(threshold, 2)} counts as the same person.`;
  } },
  restore: { path: "/restore", busy: "Bringing the face back…", headers: { Accept: "image/png, application/problem+json" },
    async show(answer) { find("#restored").src = URL.createObjectURL(await answer.blob()); } },
};

function makeForm(form) {
  const verb = VERBS[form.dataset.verb];
  const [answer, button] = [find(".answer", form.parentElement), find("button:not([type=button])", form)];
  // A live region must be there before its text changes, or it is not read out.
  const status = made("p", { className: "status" });
  status.setAttribute("role", "status");
  const trouble = made("p", { className: "status" });
  trouble.setAttribute("role", "alert");
  form.append(status, trouble);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (button.getAttribute("aria-disabled") === "true") return;
    button.setAttribute("aria-disabled", "true");
    answer.hidden = true;
    trouble.textContent = "";
    trouble.className = "status";
    status.textContent = verb.busy;
    status.className = "status busy";
    try {
      await verb.show(await ask(verb.path, { method: "POST", body: await formOf(form), headers: verb.headers }));
      answer.hidden = false;
      find("h3", answer).focus();
    } catch (error) {
      trouble.textContent = error.message;
      trouble.className = "status bad";
    } finally {
      status.textContent = "";
      status.className = "status";
      button.removeAttribute("aria-disabled");
    }
  });
}

async function showPeople() {
  const people = await (await ask("/people")).json();
  const rows = people.map(({ person, containers }) => {
    const row = made("li", {}, made("span", { textContent: person }));
    const count = made("span", { className: "hint", textContent: containers === 1 ? "1 picture" : `${containers} pictures` });
    const forget = made("button", { className: "second small", type: "button", textContent: "Forget" });
    forget.setAttribute("aria-label", `Forget ${person}`);
    forget.addEventListener("click", async () => {
      if (!confirm(`Forget ${person}? This cannot be undone.`)) return;
      await ask(`/people/${encodeURIComponent(person)}`, { method: "DELETE" });
      await showPeople();
    });
    row.append(count, ...(system.roles.includes("admin") ? [forget] : []));
    return row;
  });
  find("#people").replaceChildren(...(rows.length ? rows : [made("li", { className: "hint", textContent: "Nobody yet." })]));
}

async function showCovers() {
  const covers = await (await ask("/covers")).json();
  find("#covers").hidden = !covers.length;
  find(".covers").replaceChildren(...covers.map(({ name, what, thumbnail }) => {
    const radio = made("input", { type: "radio", name: "cover_name", value: name });
    radio.addEventListener("change", () => {
      find("#hide-cover").value = "";
      find("#hide-cover").parentElement.choose(null);
    });
    return made("label", {}, radio, made("img", { alt: "", src: `data:image/png;base64,${thumbnail}` }),
      made("span", { textContent: what }));
  }));
}

async function begin() {
  try {
    system = await (await ask("/system")).json();
  } catch (error) {
    find("#system").textContent = error.message;
    return;
  }
  find("#key").hidden = true;
  find("#system").textContent = `System: ${system.name}.`;
  findAll("[data-role=restore]").forEach((part) => { part.hidden = !system.roles.includes("restore"); });
  await Promise.allSettled([showCovers(), ...(system.roles.includes("recognise") ? [showPeople()] : [])]);
}

findAll(".drop").forEach(makeDrop);
findAll("form[data-verb]").forEach(makeForm);
find("#factor").addEventListener("input", ({ target }) => {
  find("#factor-said").textContent = target.value;
  find("#change").style.filter = `contrast(${target.value})`;
});
find("#change").style.filter = "contrast(5)";
find("#key").addEventListener("submit", (event) => {
  event.preventDefault();
  key = find("#key-field").value.trim();
  begin();
});
for (const [button, drop, next] of [["#to-enrol", "#enrol .drop", "#person"], ["#to-identify", "#identify .drop", "#identify button"]]) {
  find(button).addEventListener("click", () => {
    find(drop).choose(carrier);
    find(next).focus();
    find(next).scrollIntoView({ block: "center" });
  });
}
begin();
