// One request to the service; a refusal becomes an Error whose text a person can read.

export const session = { key: "", system: null, made: null };

export const find = (selector, within = document) => within.querySelector(selector);
export const findAll = (selector, within = document) => [...within.querySelectorAll(selector)];
export const make = (tag, properties = {}, ...children) => {
  const element = Object.assign(document.createElement(tag), properties);
  element.append(...children);
  return element;
};

export async function ask(path, options = {}) {
  const { key } = session;
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
  throw new Error(inPlainWords(answer, problem.detail ?? answer.statusText));
}

const FIELDS = { secret: "The face to hide", cover: "The picture that will carry it", container: "The picture",
  "containers[0]": "The picture", a: "The first picture", b: "The second picture", person: "The name" };

function inPlainWords({ status, headers }, detail) {
  if (status === 401) return session.key ? "This access key is not known here." : "Enter your access key to go on.";
  if (status === 413) return "These pictures are too large to send. Choose smaller ones.";
  if (status === 429 || status === 503) {
    return `Too much is going on right now. Try again in ${headers.get("Retry-After") ?? "some"} seconds.`;
  }
  if (/no face found/.test(detail)) {
    return "No face was found in the photograph. Take one that shows it from the front, upright and large. If the " +
      "picture is nothing but the face already, untick “Find the face”.";
  }
  const [field, ...rest] = detail.split(":");
  if (/expected a PNG/.test(detail)) return `${FIELDS[field] ?? "This"} is no picture that can be read here. Choose a PNG or JPEG.`;
  return FIELDS[field] && rest.length ? `${FIELDS[field]} cannot be used: ${rest.join(":").trim()}` : detail;
}
