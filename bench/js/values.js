// What the JavaScript peers do with a single value: the checks and conversions of the mapping, written by hand.

const LABEL = "[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?";
const EMAIL = new RegExp(`^[a-zA-Z0-9.!#$%&'*+/=?^_\`{|}~-]+@${LABEL}(?:\\.${LABEL})+$`);
const PHONE = /^\+[1-9][0-9]{6,14}$/;
const NUMBER = /^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?$/;
const URL = /^https?:\/\/[^/?#\s]\S*$/;
const INSTANT = /^(\d{4}-\d\d-\d\d)T([01]\d|2[0-3]):([0-5]\d):([0-5]\d)(\.\d+)?(Z|[+-]\d\d:[0-5]\d)$/;
const EARLIEST = "1990-01-01T00:00:00Z";
const LONGEST_TEXT = 100_000;
const LONGEST_ID = 255;
const LONGEST_NAME = 127;
const MOST_PROPERTIES = 400;
const DEEPEST = 10;
const DEEPEST_PROFILE = 100;
export const MOST_ELEMENTS = 4000;
export const LONGEST_BODY = 5_000_000;
export const LONGEST_PROFILE = 95_000;
// What Klaviyo keeps for itself among the names of a profile's properties.
const RESERVED = new Set(
  "_kx anonymous_id email external_id first_name image last_name locale location organization phone_number title".split(" "),
);
// ISO 4217's digits of a minor unit; Intl has others where a currency's are not used in shops.
const ISO_DIGITS = {
  ...Object.fromEntries(
    "AFN ALL IRR KPW LAK LBP MGA MMK MRO RSD SLL SOS STD SYP TMM YER ZMK ZWD".split(" ").map((code) => [code, 2]),
  ),
  IQD: 3,
};
const WITHOUT_DIGITS = new Set("XAG XAU XBA XBB XBC XBD XDR XPD XPT XSU XTS XUA XXX".split(" "));
const currencies = new Map(
  Intl.supportedValuesOf("currency")
    .filter((code) => !WITHOUT_DIGITS.has(code))
    .map((code) => [code, ISO_DIGITS[code] ?? fraction(code)]),
);
const days = new Map();
const clocks = new Map();

function fraction(currency) {
  return new Intl.NumberFormat("en", { style: "currency", currency }).resolvedOptions().maximumFractionDigits;
}

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

/** An integer of 50 digits: what a profile may have. */
export const integer = (value) => (Number.isInteger(value) && Math.abs(value) < 1e50 ? value : invalid("not an integer"));

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
    days.set(zone, new Intl.DateTimeFormat("en-US", { timeZone: text(zone), month: "long", day: "numeric", year: "numeric" }));
  }
  return days.get(zone).format(moment(value));
}

export function largeImage(theme) {
  const images = theme.images;
  if (images == null) return null;
  if (!Array.isArray(images)) invalid("images are not a list");
  let found = null;
  for (const image of images) {
    if (objectOrNothing(image).size === "large") found ??= image;
  }
  return found === null ? null : url(found.url);
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
export const read = (raw) => object(JSON.parse(decoder.decode(raw)));

/** Refuses an event of another name. */
export const expect = (found, name) => (found === name ? name : invalid(`not a ${name}`));

export function name(first, last) {
  return [first, last].filter(Boolean).join(" ") || null;
}

export function list(value, most = Infinity) {
  return Array.isArray(value) && value.length <= most ? value : invalid("not a list, or too long");
}

export const flag = (value) => (typeof value === "boolean" ? value : invalid("neither true nor false"));

/** A decimal that is counted in parts, as what it is worth: 550 in 2 places is 5.5. */
export const scaled = (value, places) => Number(`${digits(value)}e${-places}`) + 0;

/** An amount in a currency's minor unit. */
export const minor = (value, currency) => scaled(value, currencyDigits(currency));

function currencyDigits(code) {
  return currencies.get(code) ?? invalid("not a currency");
}

/** `July 20, 2027, 9:05 AM` on the zone's clock. */
export function timeOfDay(value, zone) {
  if (!clocks.has(zone)) {
    clocks.set(zone, new Intl.DateTimeFormat("en-US", { timeZone: text(zone), hour: "numeric", minute: "2-digit" }));
  }
  return `${day(value, zone)}, ${clocks.get(zone).format(moment(value)).replace("\u202f", " ")}`;
}

/** Seconds since 1970, in UTC. */
export function epoch(value) {
  const sent = `${new Date(whole(value) * 1000).toISOString().slice(0, 19)}Z`;
  return sent.length > 20 || sent < EARLIEST ? invalid("not a time, or too early") : sent;
}

/** Any JSON value unchanged, with as many objects and lists in each other. */
export function asItCame(value, levels, toInteger, most = Infinity, longest = Infinity) {
  if (typeof value === "string") return Buffer.byteLength(value) > longest ? invalid("too long") : value;
  if (Number.isInteger(value)) return toInteger(value);
  if (typeof value !== "object" || value === null) return value;
  if (levels === 0) invalid("too many objects and lists in each other");
  const inner = Array.isArray(value) ? list(value, most) : Object.values(value);
  for (const one of inner) asItCame(one, levels - 1, toInteger, most, longest);
  return value;
}

/** The properties of an event, whatever they are. */
export function openProperties(value) {
  const properties = objectOrNothing(value);
  if (Object.keys(properties).length > MOST_PROPERTIES) invalid("too many properties");
  return asItCame(properties, DEEPEST, whole, MOST_ELEMENTS, LONGEST_TEXT);
}

/** What a profile keeps of an object beside properties that it has. */
export function kept(value, taken) {
  const found = {};
  for (const [key, inner] of Object.entries(objectOrNothing(value))) {
    asItCame(inner, DEEPEST_PROFILE, integer);
    if (!RESERVED.has(key) && !Object.hasOwn(taken, key)) found[key] = inner;
  }
  return found;
}

export function eventName(value) {
  return text(value).length > 0 && value.length <= LONGEST_NAME ? value : invalid("no name");
}

/** A body that is not longer than Klaviyo takes. */
export function within(body, most) {
  return body.length * 3 > most && Buffer.byteLength(body) > most ? invalid("too long") : body;
}
