// The page's behaviour: one view for each question, its form becomes a request, the answer becomes words and pictures.
// No framework: five forms are few, and so labels, focus and announcements stay in our hands.

import { VERBS, showCovers } from "./answers.js";
import { ask, find, findAll, make, session } from "./asking.js";
import { coverNameOf, formOf, makeDrop } from "./drop.js";
import { showPeople } from "./people.js";

function makeForm(form) {
  const verb = VERBS[form.dataset.verb];
  const [answer, button] = [find(".answer", form.parentElement), find("button.main", form)];
  // A live region must be there before its text changes, or it is not read out.
  const [status, clock, trouble] = [make("span"), make("span"), make("p")];
  const progress = make("p", { className: "status", hidden: true }, status, clock);
  status.setAttribute("role", "status");
  clock.setAttribute("aria-hidden", "true");
  trouble.setAttribute("role", "alert");
  trouble.className = "bad";
  form.append(progress, trouble);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    if (button.getAttribute("aria-disabled") === "true") return;
    button.setAttribute("aria-disabled", "true");
    answer.hidden = true;
    trouble.textContent = "";
    progress.hidden = false;
    status.textContent = `${verb.busy} …`;
    const began = Date.now();
    const ticking = setInterval(() => { clock.textContent = ` ${Math.round((Date.now() - began) / 1000)} s`; }, 1000);
    try {
      const coverName = coverNameOf(form); // now: another may be chosen while this one is in work
      const sent = await formOf(form);
      await verb.show(await ask(verb.path, { method: "POST", body: sent, headers: verb.headers }), sent, coverName);
      answer.hidden = false;
      find("h3", answer).focus();
    } catch (error) {
      trouble.textContent = error.message;
    } finally {
      clearInterval(ticking);
      status.textContent = clock.textContent = "";
      progress.hidden = true;
      button.removeAttribute("aria-disabled");
    }
  });
}

// One view at a time: the one that the address names, as far as this caller may use it.
function showView({ focus = true } = {}) {
  const links = findAll("nav li:not([hidden]) a");
  const link = links.find((each) => each.hash === location.hash) ?? links[0];
  findAll("main section").forEach((section) => { section.hidden = `#${section.id}` !== link?.hash; });
  findAll("nav a").forEach((each) => each.removeAttribute("aria-current"));
  if (!link) return;
  link.setAttribute("aria-current", "true");
  if (!focus) return;
  find("h2", find(link.hash)).focus({ preventScroll: true });
  scrollTo({ top: Math.min(scrollY, find("nav").offsetTop) });
}

async function begin({ focus }) {
  session.system = await (await ask("/system")).json();
  const { name, roles } = session.system;
  findAll("[data-role]").forEach((part) => { part.hidden = !roles.includes(part.dataset.role); });
  const opensNothing = !find("nav li:not([hidden])");
  find("#key").hidden = !opensNothing;
  find("nav").hidden = opensNothing;
  showView({ focus });
  if (opensNothing) throw new Error("This key opens nothing here. Try another, or ask whoever runs this service.");
  find("#system").textContent = `System: ${name}.`;
  await Promise.all([showCovers(), ...(roles.includes("admin") ? [showPeople()] : [])]);
}

function strengthen() {
  const factor = find("#factor").value;
  find("#factor-said").textContent = factor;
  find("#change").style.filter = `brightness(${127.5 / 128}) contrast(${factor})`; // no change is 128, contrast leaves 127.5
}

async function start({ focus }) {
  find("#trouble").textContent = "";
  try {
    await begin({ focus });
  } catch (error) {
    find("#trouble").textContent = error.message;
    if (!find("#key").hidden) find("#key-field").select();
  }
}

findAll(".drop").forEach(makeDrop);
findAll("form[data-verb]").forEach(makeForm);
find("#factor").addEventListener("input", strengthen);
strengthen();
find("#key").addEventListener("submit", (event) => {
  event.preventDefault();
  session.key = find("#key-field").value.trim();
  start({ focus: true });
});
for (const button of findAll("[data-next]")) {
  button.addEventListener("click", () => {
    location.hash = button.dataset.next;
    find(".drop", find(`#${button.dataset.next}`)).chooseMade();
  });
}
addEventListener("hashchange", () => showView());
start({ focus: false });
