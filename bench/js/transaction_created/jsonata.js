// JSONata, as giftcard_issued/jsonata.js: one expression for the event and the profile.

import jsonata from "jsonata";
import { bodies, prepared } from "./prepared.js";

const expression = jsonata(`{
  "event": {
    "venue": venue = null ? null : venue.{
      "id": id,
      "name": name,
      "logo": logo,
      "currency": currency,
      "verify_code": verify_code,
      "address": address = null ? null : address.{
        "id": id,
        "street": street,
        "city": city,
        "postal_code": postal_code,
        "country": country,
        "lat": lat,
        "lng": lng
      },
      "is_enabled": is_enabled,
      "created_at": created_at,
      "updated_at": updated_at
    },
    "id": transaction.id,
    "transaction_id": transaction.number,
    "type": transaction.type,
    "note": transaction.note,
    "items": [transaction.items.{
      "name": name,
      "type": type,
      "price": price,
      "qty": qty,
      "sku": sku,
      "points": points,
      "note": note
    }],
    "venue_id": venue = null ? null : venue.id,
    "venue_name": venue = null ? null : venue.name,
    "$value_currency": transaction.currency,
    "$value": transaction.amount
  },
  "profile": {
    "locale": member.language,
    "first_name": member.first_name,
    "last_name": member.last_name,
    "properties": $merge([kept, {
      "trifft_available_coupons": member.available_coupons,
      "trifft_coupons": [member.coupons.{
        "id": id,
        "name": name,
        "img_logo": image_logo,
        "valid_from": valid_from,
        "valid_until": valid_until,
        "expiration_at": expiration_at,
        "points": points
      }],
      "trifft_fav_location_id": member.venue.id,
      "trifft_fav_location_name": member.venue.name,
      "trifft_id": member.id,
      "trifft_points": member.points,
      "trifft_primary_card_id": member.card,
      "trifft_segments": member.segments,
      "trifft_support_id": member.support_id,
      "trifft_tier": member.tier
    }])
  }
}`);

export async function map(raw) {
  const event = prepared(raw);
  const made = await expression.evaluate(event);
  return bodies(event, made.event, made.profile);
}
