// What each verb asks, and how its answer is put into words and pictures.

import { ask, find, make, session } from "./asking.js";
import { offerMade, showPicture } from "./drop.js";
import { showPeople } from "./people.js";

const number = (value, digits) => value === null ? "–" : value.toFixed(digits);
const pictureOf = (base64) => new Blob([Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0))], { type: "image/png" });
const percent = (share) => share >= 0.995 ? "over 99 %" : share < 0.005 ? "under 1 %" : `${Math.round(100 * share)} %`;
const FAINT_DB = 55; // above it no eye finds anything in the change at five times its strength
const say = (selector, text) => { find(selector).textContent = text; };

export const VERBS = {
  hide: { path: "/hide", busy: "Hiding the face", show: showHidden },
  enrol: { path: "/enroll", busy: "Remembering", show: showEnrolled },
  identify: { path: "/identify", busy: "Comparing with everybody", show: showIdentified },
  verify: { path: "/verify", busy: "Comparing", show: showVerified },
  restore: { path: "/restore", busy: "Bringing the face back", show: showRestored,
    headers: { Accept: "image/png, application/problem+json" } },
};

let hidings = 0; // numbers the files to save, so that no two have one name, nor the cover's

async function showHidden(answer, sent, coverName) {
  const hidden = await answer.json();
  session.made = pictureOf(hidden.container);
  offerMade();
  showPicture(find("#container"), session.made);
  find("#save").href = find("#container").src;
  hidings += 1;
  find("#save").download = `${coverName}-${hidings}.png`;
  showPicture(find("#change"), pictureOf(hidden.change));
  showFace(sent.get("secret"), hidden);
  say("#psnr", hidden.psnr_db === null ? "no change" : number(hidden.psnr_db, 1));
  say("#ssim", number(hidden.ms_ssim, 4));
  say("#steg", number(hidden.stegexpose.score, 3));
  say("#steg-said", hidden.stegexpose.suspicious
    ? "A program that looks for hidden data would suspect this picture, as it does some that carry nothing. Try another."
    : `This program looks for hidden data, and below ${hidden.stegexpose.threshold} it notices nothing.`);
  find("#faint").hidden = !(hidden.psnr_db > FAINT_DB);
  find("#notes").replaceChildren(...hidden.notes.map((note) => make("li", { textContent: note })));
}

// The photograph with a box around the face that was taken.
function showFace(photograph, { face }) {
  const [image, box] = [find("#photograph"), find("#box")];
  box.hidden = true;
  image.onload = () => {
    if (!face) return;
    const { naturalWidth: width, naturalHeight: height } = image;
    const sides = { left: face.left / width, top: face.top / height, width: face.width / width, height: face.height / height };
    for (const [side, share] of Object.entries(sides)) box.style[side] = `${100 * share}%`;
    box.hidden = false;
  };
  showPicture(image, photograph);
  say("#faces", face?.faces > 1 ? `${face.faces} faces were found in the photograph. The largest was taken, the one in the box. ` +
    "If it is not the right one, crop the photograph to the other face and choose that." : "");
  say("#hidden-title", `Done: this picture now carries ${face ? "the face" : "your picture"}`);
  say("#box-said", face ? "The face in the box was hidden" : "All of this was hidden");
}

async function showEnrolled(answer) {
  say("#enrolled", `${(await answer.json()).person} is remembered.`);
  showPeople();
}

async function showIdentified(answer) {
  const { person, candidates, false_positive_rate: rate } = await answer.json();
  say("#identified", person ? `This is ${person}.` : candidates.length ? "This is nobody who is remembered here."
    : "Nobody is remembered here yet.");
  say("#candidates-said", !candidates.length ? "" : person ? "The nearest come first." : "The nearest are these, but they are not near " +
    "enough. The bar is high, so that strangers are rarely taken for somebody.");
  say("#judged", candidates.length > 1 ? "Each is judged by itself, so these need not add up to 100 %." : "");
  say("#strangers", candidates.length
    ? `Of 100 strangers about ${+(100 * rate).toPrecision(2)} would be taken for somebody here.` : "");
  find("#candidates").replaceChildren(...candidates.map((each, place) => {
    const likely = make("span", { className: "bar" });
    likely.style.width = `${100 * (each.probability ?? 0)}%`;
    return make("li", { className: each.person === person ? "found" : "" },
      make("span", { textContent: `${place + 1}. ${each.person}` }),
      make("span", { className: "hint", textContent: [each.probability === null ? "" :
        `${percent(each.probability)} likely`, `distance ${number(each.distance, 2)}`].filter(Boolean).join(", ") }),
      likely);
  }));
}

async function showVerified(answer) {
  const { same, distance, threshold } = await answer.json();
  say("#verified", same === null ? "This cannot be told." : same ? "Yes, the same person." : "No, two different people.");
  say("#verified-said", `The two are ${number(distance, 2)} apart; ` +
    (same === null ? "this system does not know how near is near enough." : `up to ${number(threshold, 2)} counts as the same person.`));
}

async function showRestored(answer) {
  showPicture(find("#restored"), await answer.blob());
}

export async function showCovers() {
  const covers = await (await ask("/covers")).json();
  find("#covers").hidden = !covers.length;
  find(".covers").replaceChildren(...covers.map(({ name, what, thumbnail }) => {
    const radio = make("input", { type: "radio", name: "cover_name", value: name, className: "unseen" });
    radio.addEventListener("change", () => {
      find("#hide-cover").value = "";
      find("#hide-cover").closest(".drop").choose(null);
    });
    const image = make("img", { alt: "" });
    showPicture(image, pictureOf(thumbnail));
    return make("label", {}, radio, image, make("span", { textContent: what }));
  }));
}
