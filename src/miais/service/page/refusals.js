// A refusal of the service in words for whoever has never heard of it. The service tells its refusals apart by their
// text alone, so these are the marks in it that are least likely to change.

const FIELDS = { secret: "The face to hide", cover: "The picture that will carry it", container: "The picture",
  picture: "The picture", a: "The first picture", b: "The second picture", person: "The name" };

const REFUSALS = [
  [/no face found/, () => "No face was found in the photograph. Take one that shows it from the front, upright and large. " +
    "If the picture is nothing but the face already, untick “Find the face”."],
  [/expected a container .*got a picture in which/, (which) => `${which} carries no face that this service can read. Choose one that was made here ` +
    "under Hide a face. Shrinking it or saving it as JPEG can destroy what it carries."],
  [/(samples|frequencies) to hide in|too small to hide|room for a picture|px a side/, (which) =>
    `${which} is too small to carry a face. Choose a larger one.`],
  [/is truncated/, (which) => `${which} is damaged: it ends too early. Choose an intact copy.`],
  [/is damaged/, (which) => `${which} is damaged, or of a kind that cannot be read here. Choose an intact PNG or JPEG.`],
  [/expected a (PNG|picture, got an empty)/, (which) => `${which} is no picture that can be read here. Choose a PNG or JPEG.`],
];

export function inPlainWords({ status, headers }, detail, { hasKey }) {
  if (status === 401) return hasKey ? "This access key is not known here." : ""; // the form for it says all
  if (status === 413) return "These pictures are too large to send. Choose smaller ones.";
  const later = `Try again in ${headers.get("Retry-After") ?? "some"} seconds.`;
  if (status === 429) return `More was asked than one may ask here. ${later}`;
  // Any other 503 is a fault that somebody must mend, and the service's own words say which.
  if (status === 503 && /in work/.test(detail)) return `Too much is going on right now. ${later}`;
  const [, field, rest] = /^([a-z]+)(?:\[\d+\])?: (.*)$/s.exec(detail) ?? [];
  const which = field === "containers" ? FIELDS.container : FIELDS[field];
  const known = REFUSALS.find(([mark]) => mark.test(detail));
  if (known) return known[1](which ?? "The picture");
  return which ? `${which} cannot be used: ${rest}` : detail;
}
