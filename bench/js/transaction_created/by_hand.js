// Hand-written JavaScript, as giftcard_issued/by_hand.js: an event and a profile.

import * as v from "../values.js";

export function map(raw) {
  const root = v.read(raw);
  const event = v.object(root.event);
  v.expect(event.type, "transaction.created");
  const member = v.object(root.member);
  const person = v.profile({ email: member.email, id: member.id });
  return [eventBody(root, event, person), profileBody(member, person)];
}

function eventBody(root, event, person) {
  const transaction = v.object(root.transaction);
  const venue = root.venue == null ? null : venueOf(v.object(root.venue));
  const currency = v.text(transaction.currency);
  const value = v.minor(transaction.amount, currency);
  const body = JSON.stringify({
    data: {
      type: "event",
      attributes: {
        properties: {
          venue,
          id: v.identifier(transaction.id),
          transaction_id: v.identifier(transaction.transaction_id),
          type: v.text(transaction.type),
          note: v.textOrNull(transaction.note),
          items: v.list(transaction.items, v.MOST_ELEMENTS).map((item) => itemOf(v.object(item), currency)),
          venue_id: venue?.id ?? null,
          venue_name: venue?.name ?? null,
          $value_currency: currency,
          $value: value,
        },
        metric: { data: { type: "metric", attributes: { name: "Transaction created" } } },
        profile: { data: { type: "profile", attributes: person } },
        time: v.epoch(event.created_at),
        value,
        value_currency: currency,
        unique_id: v.eventId(event.id),
      },
    },
  });
  return v.within(body, v.LONGEST_BODY);
}

export function itemOf(item, currency) {
  return {
    name: v.text(item.name),
    type: v.textOrNull(item.type),
    price: v.minor(item.price, currency),
    qty: v.decimal(item.qty),
    sku: item.sku == null ? null : v.identifier(item.sku),
    points: item.points == null ? null : v.decimal(item.points),
    note: v.textOrNull(item.note),
  };
}

export function venueOf(venue) {
  return {
    id: v.identifier(venue.id),
    name: v.text(venue.name),
    logo: venue.logo == null ? null : v.url(venue.logo),
    currency: v.text(venue.currency),
    verify_code: venue.verify_code == null ? null : v.identifier(venue.verify_code),
    address: venue.address == null ? null : addressOf(v.object(venue.address)),
    is_enabled: v.flag(venue.is_enabled),
    created_at: v.whole(venue.created_at),
    updated_at: v.whole(venue.updated_at),
  };
}

function addressOf(address) {
  return {
    id: v.identifier(address.id),
    street: v.textOrNull(address.street),
    city: v.textOrNull(address.city),
    postal_code: v.textOrNull(address.postal_code),
    country: v.textOrNull(address.country),
    lat: v.textOrNull(address.lat),
    lng: v.textOrNull(address.lng),
  };
}

function profileBody(member, person) {
  const parameters = v.objectOrNothing(member.parameters);
  const venue = v.objectOrNothing(member.favorite_venue);
  const properties = {
    trifft_available_coupons: v.integer(member.available_coupons),
    trifft_coupons: v.list(member.coupons).map((coupon) => couponOf(v.object(coupon))),
    trifft_fav_location_id: venue.id == null ? null : v.identifier(venue.id),
    trifft_fav_location_name: v.textOrNull(venue.name),
    trifft_id: v.identifier(member.id),
    trifft_points: v.scaled(member.points, 2),
    trifft_primary_card_id: member.primary_card_id == null ? null : v.identifier(member.primary_card_id),
    trifft_segments: v.list(member.segments).map(v.text),
    trifft_support_id: v.identifier(member.support_id),
    trifft_tier: v.textOrNull(v.objectOrNothing(member.tier).name),
  };
  const attributes = {
    ...person,
    locale: v.text(member.language),
    first_name: v.textOrNull(parameters.first_name),
    last_name: v.textOrNull(parameters.last_name),
    properties: Object.assign(properties, v.kept(parameters, properties)),
  };
  return v.within(JSON.stringify({ data: { type: "profile", attributes } }), v.LONGEST_PROFILE);
}

function couponOf(coupon) {
  return {
    id: v.identifier(coupon.id),
    name: v.text(coupon.name),
    img_logo: coupon.image_logo == null ? null : v.url(coupon.image_logo),
    valid_from: coupon.valid_from == null ? null : v.integer(coupon.valid_from),
    valid_until: coupon.valid_until == null ? null : v.integer(coupon.valid_until),
    expiration_at: coupon.expiration_at == null ? null : v.integer(coupon.expiration_at),
    points: coupon.points == null ? null : v.integer(coupon.points),
  };
}
