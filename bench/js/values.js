// What the JavaScript peers do with a single value: the checks and conversions of the mapping, written by hand.

const LABEL = "[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?";
const EMAIL = new RegExp(`^[a-zA-Z0-9.!#$%&'*+/=?^_\`{|}~-]+@${LABEL}(?:\\.${LABEL})+$`);
const PHONE = /^\+[1-9][0-9]{6,14}$/;
const NUMBER = /^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?$/;
const URL = /^https?:\/\/\S+$/;
const INSTANT = /^(\d{4}-\d\d-\d\d)T([01]\d|2[0-3]):([0-5]\d):([0-5]\d)(\.\d+)?(Z|[+-]\d\d:[0-5]\d)$/;
const EARLIEST = "1990-01-01T00:00:00Z";
const LONGEST_TEXT = 100_000;
const LONGEST_ID = 255;
const days = new Map();

export class Invalid extends Error {}

function invalid(what) {
  throw new Invalid(what);
}

export function object(value) {
  return value !== null && typeof value === "object" && !Array.isArray(value) ? value : invalid("not an object");
}

export const objectOrNothing = (value) => (value == null ? {} : object(value));

export function text(value) {
  if (typeof value !== "string") invalid("not a text");
  return value.length * 4 > LONGEST_TEXT && Buffer.byteLength(value) > LONGEST_TEXT ? invalid("too long") : value;
}

export const textOrNull = (value) => (value == null ? null : text(value));

/** The digits of a number or of a text that is exactly one, without an exponent. */
function digits(value) {
  if (typeof value === "string" && !NUMBER.test(value)) invalid("not a decimal number");
  if (typeof value !== "string" && (typeof value !== "number" || !Number.isFinite(value))) invalid("not a number");
  const said = typeof value === "string" ? value : String(value);
  const [mantissa, exponent] = said.toLowerCase().split("e");
  if (exponent !== undefined && Math.abs(Number(exponent)) > 50) invalid("too many digits");
  if (mantissa.replace(/[-.]/g, "").length > 50) invalid("too many digits");
  return exponent === undefined ? mantissa : moved(mantissa, Number(exponent));
}

function moved(mantissa, places) {
  const sign = mantissa.startsWith("-") ? "-" : "";
  const [whole, fraction = ""] = mantissa.replace("-", "").split(".");
  const at = whole.length + places;
  const all = (at < 0 ? "0".repeat(-at) : "") + whole + fraction + "0".repeat(Math.max(0, at - whole.length - fraction.length));
  const point = Math.max(0, at);
  return `${sign}${all.slice(0, point) || "0"}.${all.slice(point) || "0"}`;
}

/** A decimal rounded toward zero to two places. Digits are cut in the text: the multiplied double is often wrong. */
export function money(value) {
  const said = digits(value);
  const point = said.indexOf(".");
  return Number(point < 0 ? said : said.slice(0, point + 3)) + 0;
}

export const decimal = (value) => Number(digits(value)) + 0;

export function whole(value) {
  return Number.isInteger(value) && Math.abs(value) < 2 ** 63 ? value : invalid("not an integer of 64 bits");
}

export function identifier(value) {
  if (typeof value === "string") return text(value);
  return Number.isInteger(value) ? String(value) : invalid("neither a string nor an integer");
}

export const url = (value) => (typeof value === "string" && URL.test(value) ? text(value) : invalid("not a URL"));

function moment(value) {
  if (typeof value !== "string" || !INSTANT.test(value)) invalid("not a date and time");
  const at = new Date(value);
  const [year, month, day] = value.slice(0, 10).split("-").map(Number);
  if (day > new Date(Date.UTC(year, month, 0)).getUTCDate()) invalid("not a day");
  return Number.isNaN(at.getTime()) ? invalid("not a date and time") : at;
}

export function instant(value) {
  const at = moment(value);
  const sent = value.endsWith("Z") ? `${value.slice(0, 19)}Z` : `${at.toISOString().slice(0, 19)}Z`;
  return sent < EARLIEST ? invalid("too early") : sent;
}

/** `July 20, 2027` on the zone's calendar. */
export function day(value, zone) {
  if (!days.has(zone)) {
    days.set(zone, new Intl.DateTimeFormat("en-US", { timeZone: zone, month: "long", day: "numeric", year: "numeric" }));
  }
  return days.get(zone).format(moment(value));
}

export function largeImage(theme) {
  const images = theme.images;
  if (images == null) return null;
  if (!Array.isArray(images)) invalid("images are not a list");
  const found = images.find((image) => image.size === "large");
  return found === undefined ? null : url(found.url);
}

export function eventId(value) {
  const id = identifier(value);
  return id.length > 0 && id.length <= LONGEST_ID ? id : invalid("no id");
}

export function profile(customer) {
  const { email, phone, id } = customer;
  const known = {};
  if (email != null && text(email).length <= 99 && EMAIL.test(email)) known.email = email;
  if (phone != null && PHONE.test(text(phone))) known.phone_number = phone;
  if (id != null && identifier(id).length > 0 && identifier(id).length <= LONGEST_ID) known.external_id = identifier(id);
  return Object.keys(known).length ? known : invalid("nobody to send it to");
}

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The raw event, its bytes checked. */
export function read(raw) {
  const event = object(JSON.parse(decoder.decode(raw)));
  return event.type === "giftcard.issued" ? event : invalid("not a giftcard.issued");
}

export function name(first, last) {
  return [first, last].filter(Boolean).join(" ") || null;
}
