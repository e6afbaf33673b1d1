// Segment's mapping-kit, as giftcard_issued/segment.js: @arrayPath for lists, @if for what may be missing, @merge for
// the open values. No text is put together here, so there is no @liquid.

import { createRequire } from "node:module";
import { bodies, prepared } from "./prepared.js";

const { transform } = createRequire(import.meta.url)("@segment/actions-core/mapping-kit");
const path = (of) => ({ "@path": `$.${of}` });

const address = {
  id: path("venue.address.id"),
  street: path("venue.address.street"),
  city: path("venue.address.city"),
  postal_code: path("venue.address.postal_code"),
  country: path("venue.address.country"),
  lat: path("venue.address.lat"),
  lng: path("venue.address.lng"),
};
const venue = {
  id: path("venue.id"),
  name: path("venue.name"),
  logo: path("venue.logo"),
  currency: path("venue.currency"),
  verify_code: path("venue.verify_code"),
  address: { "@if": { exists: path("venue.address"), then: address } },
  is_enabled: path("venue.is_enabled"),
  created_at: path("venue.created_at"),
  updated_at: path("venue.updated_at"),
};
const item = {
  name: path("name"),
  type: path("type"),
  price: path("price"),
  qty: path("qty"),
  sku: path("sku"),
  points: path("points"),
  note: path("note"),
};
const coupon = {
  id: path("id"),
  name: path("name"),
  img_logo: path("image_logo"),
  valid_from: path("valid_from"),
  valid_until: path("valid_until"),
  expiration_at: path("expiration_at"),
  points: path("points"),
};
const own = {
  trifft_available_coupons: path("member.available_coupons"),
  trifft_coupons: { "@arrayPath": ["$.member.coupons", coupon] },
  trifft_fav_location_id: path("member.venue.id"),
  trifft_fav_location_name: path("member.venue.name"),
  trifft_id: path("member.id"),
  trifft_points: path("member.points"),
  trifft_primary_card_id: path("member.card"),
  trifft_segments: path("member.segments"),
  trifft_support_id: path("member.support_id"),
  trifft_tier: path("member.tier"),
};
const mapping = {
  event: {
    venue: { "@if": { exists: path("venue"), then: venue } },
    id: path("transaction.id"),
    transaction_id: path("transaction.number"),
    type: path("transaction.type"),
    note: path("transaction.note"),
    items: { "@arrayPath": ["$.transaction.items", item] },
    venue_id: path("venue.id"),
    venue_name: path("venue.name"),
    $value_currency: path("transaction.currency"),
    $value: path("transaction.amount"),
  },
  profile: {
    locale: path("member.language"),
    first_name: path("member.first_name"),
    last_name: path("member.last_name"),
    properties: { "@merge": { direction: "right", objects: [path("kept"), own] } },
  },
};

export function map(raw) {
  const event = prepared(raw);
  const made = transform(mapping, event);
  // @if has no else that is null.
  made.event.venue ??= null;
  if (made.event.venue !== null) made.event.venue.address ??= null;
  return bodies(event, made.event, made.profile);
}
