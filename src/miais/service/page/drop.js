// A place to choose or drop one picture.

import { find, findAll, make, session } from "./asking.js";

const TYPES = "image/png,image/jpeg,image/webp,image/bmp,image/tiff";
const JUST_MADE = "the picture you just made";

export function makeDrop(drop) {
  const { name, label, made } = drop.dataset;
  const hint = made === undefined ? drop.dataset.hint : "A PNG that was made here.";
  const id = `${drop.closest("form").dataset.verb}-${name}`;
  const input = make("input", { type: "file", id, name, accept: TYPES, className: "unseen" });
  input.setAttribute("aria-describedby", `${id}-hint`);
  const [preview, said] = [make("img", { alt: "", hidden: true }), make("span", { className: "pick" })];
  drop.append(input, make("label", { htmlFor: id, className: "area" }, preview,
    make("span", { className: "title", textContent: label }), said),
    make("p", { className: "hint", id: `${id}-hint` }, hint,
      make("span", { className: "by-mouse", textContent: " You can drop it here too." })));

  drop.choose = (picture, called = picture?.name) => {
    drop.picture = picture;
    offerMade();
    showPicture(preview, TYPES.includes(picture?.type) ? picture : null);
    said.textContent = picture ? `${called} – choose another` : "Choose a picture";
    if (picture && name === "cover") findAll("[name=cover_name]").forEach((radio) => { radio.checked = false; });
  };
  drop.choose(null);
  preview.addEventListener("error", () => { preview.hidden = true; });
  input.addEventListener("change", () => drop.choose(input.files[0] ?? null));
  takeDropped(drop, input);
  if (made !== undefined) {
    const again = make("button", { type: "button", className: "link", hidden: true, textContent: `Take ${JUST_MADE}` });
    again.addEventListener("click", () => drop.chooseMade());
    drop.append(again);
    drop.chooseMade = () => {
      input.value = "";
      drop.choose(session.made, JUST_MADE);
    };
  }
}

function takeDropped(drop, input) {
  for (const kind of ["dragenter", "dragover"]) drop.addEventListener(kind, (event) => {
    event.preventDefault();
    drop.classList.add("over");
  });
  for (const kind of ["dragleave", "drop"]) drop.addEventListener(kind, () => drop.classList.remove("over"));
  drop.addEventListener("drop", (event) => {
    event.preventDefault();
    if (!event.dataTransfer.files[0]) return;
    input.files = event.dataTransfer.files;
    drop.choose(event.dataTransfer.files[0]);
  });
}

// A blob in an <img>, or nothing.
export function showPicture(image, blob) {
  if (image.src) URL.revokeObjectURL(image.src);
  image.hidden = !blob;
  if (blob) image.src = URL.createObjectURL(blob);
  else image.removeAttribute("src");
}

// What a cover is called, without its ending.
export function coverNameOf(form) {
  const chosen = find("[data-name=cover]", form)?.picture?.name ?? find("[name=cover_name]:checked", form)?.value;
  return chosen?.replace(/\.[^.]*$/, "") || "container";
}

// What a form sends.
export async function formOf(form) {
  const data = new FormData();
  for (const field of findAll("input:not([type=file])", form)) {
    if (!["checkbox", "radio"].includes(field.type) || field.checked) data.append(field.name, field.value);
  }
  if (data.has("person") && !data.get("person").trim()) throw new Error("Give a name first.");
  for (const drop of findAll(".drop", form)) {
    const { name, label, made } = drop.dataset;
    if (drop.picture) data.append(name, made === undefined ? await smaller(drop.picture) : drop.picture, "picture");
    else if (name !== "cover" || !data.get("cover_name")) throw new Error(`Choose a picture first: ${label.toLowerCase()}.`);
  }
  if (data.has("cover")) data.delete("cover_name");
  return data;
}

// A photograph above the service's limit is made smaller here; a picture that carries a face never is.
async function smaller(photograph) {
  let bitmap;
  try {
    bitmap = await createImageBitmap(photograph);
  } catch {
    return photograph; // no picture, or none that browsers know: the service says it better, or reads it
  }
  const factor = Math.sqrt(session.system.max_pixels / (bitmap.width * bitmap.height));
  if (factor >= 1) return photograph;
  const canvas = make("canvas", { width: Math.floor(bitmap.width * factor), height: Math.floor(bitmap.height * factor) });
  canvas.getContext("2d").drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  return new Promise((done) => canvas.toBlob((jpeg) => done(jpeg ?? photograph), "image/jpeg", 0.95));
}

// The picture that was hidden last can be taken wherever a picture that carries a face is asked for.
export function offerMade() {
  for (const button of findAll(".drop .link")) {
    button.hidden = !session.made || button.parentElement.picture === session.made;
  }
}
