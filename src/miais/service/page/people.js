// Who is remembered here, and how one is forgotten.

import { ask, find, make } from "./asking.js";

const say = (text) => { find("#people-said").textContent = text; };

// Never fails: it also follows what has been done already, and that must not look as if it had not been.
export async function showPeople() {
  let people = [];
  try {
    people = await (await ask("/people")).json();
    find("#remembered").hidden = false;
    say(people.length ? "" : "Nobody yet.");
  } catch (error) {
    find("#remembered").hidden = error.status === 403;
    say(`The list cannot be shown: ${error.message}`);
  }
  find("#people").replaceChildren(...people.map(personRow));
}

function personRow({ person, containers }) {
  const forget = make("button", { className: "second small", type: "button", textContent: "Forget" });
  forget.setAttribute("aria-label", `Forget ${person}`);
  forget.addEventListener("click", async () => {
    if (!confirm(`Forget ${person}? The list of numbers and the thumbnail are deleted, which cannot be undone. ` +
      "The service's log of who asked what keeps the name.")) return;
    try {
      await ask(`/people/${encodeURIComponent(person)}`, { method: "DELETE" });
      await showPeople();
      say(`${person} is forgotten.`);
    } catch (error) {
      say(error.message);
    }
    find("#people-title").focus();
  });
  return make("li", {}, make("span", { textContent: person }),
    make("span", { className: "hint", textContent: containers === 1 ? "1 picture" : `${containers} pictures` }), forget);
}
