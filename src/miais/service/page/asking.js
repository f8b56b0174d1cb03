// One request to the service; a refusal becomes an Error whose text a person can read.

import { inPlainWords } from "./refusals.js";

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
  const words = inPlainWords(answer, problem.detail ?? answer.statusText, { hasKey: key !== "" });
  throw Object.assign(new Error(words), { status: answer.status });
}
