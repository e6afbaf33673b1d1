// RudderStack's template engine, as giftcard_issued/rudderstack.js: an event and a profile.

import engine from "@rudderstack/json-template-engine";
import * as v from "../values.js";

const template = `
const event = $.object(.event);
const member = $.object(.member);
const transaction = $.object(.transaction);
const venue = $.objectOrNothing(.venue);
const address = $.objectOrNothing(venue.address);
const favorite = $.objectOrNothing(member.favorite_venue);
const parameters = $.objectOrNothing(member.parameters);
const currency = $.text(transaction.currency);
const value = $.minor(transaction.amount, currency);
const person = $.profile({email: member.email, id: member.id});
const attributes = {
  trifft_available_coupons: $.integer(member.available_coupons),
  trifft_coupons: $.list(member.coupons).map(lambda $.object(?0).({
    id: $.identifier(.id),
    name: $.text(.name),
    img_logo: .image_logo == null ? null : $.url(.image_logo),
    valid_from: .valid_from == null ? null : $.integer(.valid_from),
    valid_until: .valid_until == null ? null : $.integer(.valid_until),
    expiration_at: .expiration_at == null ? null : $.integer(.expiration_at),
    points: .points == null ? null : $.integer(.points)
  })),
  trifft_fav_location_id: favorite.id == null ? null : $.identifier(favorite.id),
  trifft_fav_location_name: $.textOrNull(favorite.name),
  trifft_id: $.identifier(member.id),
  trifft_points: $.scaled(member.points, 2),
  trifft_primary_card_id: member.primary_card_id == null ? null : $.identifier(member.primary_card_id),
  trifft_segments: $.list(member.segments).map($.text),
  trifft_support_id: $.identifier(member.support_id),
  trifft_tier: $.textOrNull($.objectOrNothing(member.tier).name)
};
$.expect(event.type, "transaction.created");
[
  {
    data: {
      type: "event",
      attributes: {
        properties: {
          venue: .venue == null ? null : {
            id: $.identifier(venue.id),
            name: $.text(venue.name),
            logo: venue.logo == null ? null : $.url(venue.logo),
            currency: $.text(venue.currency),
            verify_code: venue.verify_code == null ? null : $.identifier(venue.verify_code),
            address: venue.address == null ? null : {
              id: $.identifier(address.id),
              street: $.textOrNull(address.street),
              city: $.textOrNull(address.city),
              postal_code: $.textOrNull(address.postal_code),
              country: $.textOrNull(address.country),
              lat: $.textOrNull(address.lat),
              lng: $.textOrNull(address.lng)
            },
            is_enabled: $.flag(venue.is_enabled),
            created_at: $.whole(venue.created_at),
            updated_at: $.whole(venue.updated_at)
          },
          id: $.identifier(transaction.id),
          transaction_id: $.identifier(transaction.transaction_id),
          type: $.text(transaction.type),
          note: $.textOrNull(transaction.note),
          items: $.list(transaction.items, $.MOST_ELEMENTS).map(lambda $.object(?0).({
            name: $.text(.name),
            type: $.textOrNull(.type),
            price: $.minor(.price, currency),
            qty: $.decimal(.qty),
            sku: .sku == null ? null : $.identifier(.sku),
            points: .points == null ? null : $.decimal(.points),
            note: $.textOrNull(.note)
          })),
          venue_id: venue.id == null ? null : $.identifier(venue.id),
          venue_name: venue.name ?? null,
          "$value_currency": currency,
          "$value": value
        },
        metric: {data: {type: "metric", attributes: {name: "Transaction created"}}},
        profile: {data: {type: "profile", attributes: person}},
        time: $.epoch(event.created_at),
        value: value,
        value_currency: currency,
        unique_id: $.eventId(event.id)
      }
    }
  },
  {
    data: {
      type: "profile",
      attributes: {
        ...person,
        locale: $.text(member.language),
        first_name: $.textOrNull(parameters.first_name),
        last_name: $.textOrNull(parameters.last_name),
        properties: {...attributes, ...$.kept(parameters, attributes)}
      }
    }
  }
]
`;
const compiled = engine.JsonTemplateEngine.createAsSync(template, { defaultPathType: engine.PathType.SIMPLE });
const bindings = { ...v };

export function map(raw) {
  const [event, profile] = compiled.evaluate(v.read(raw), bindings);
  return [v.within(JSON.stringify(event), v.LONGEST_BODY), v.within(JSON.stringify(profile), v.LONGEST_PROFILE)];
}
