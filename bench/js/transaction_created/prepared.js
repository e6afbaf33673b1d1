// As giftcard_issued/prepared.js: the raw event with every check done and every value converted beforehand.

import * as v from "../values.js";
import { itemOf, venueOf } from "./by_hand.js";

export function prepared(raw) {
  const root = v.read(raw);
  const event = v.object(root.event);
  v.expect(event.type, "transaction.created");
  const member = v.object(root.member);
  const transaction = v.object(root.transaction);
  const currency = v.text(transaction.currency);
  return {
    id: v.eventId(event.id),
    time: v.epoch(event.created_at),
    profile: v.profile({ email: member.email, id: member.id }),
    venue: root.venue == null ? null : venueOf(v.object(root.venue)),
    transaction: {
      id: v.identifier(transaction.id),
      number: v.identifier(transaction.transaction_id),
      type: v.text(transaction.type),
      note: v.textOrNull(transaction.note),
      items: v.list(transaction.items, v.MOST_ELEMENTS).map((item) => itemOf(v.object(item), currency)),
      amount: v.minor(transaction.amount, currency),
      currency,
    },
    member: memberOf(member),
    kept: v.kept(member.parameters, {}),
  };
}

function memberOf(member) {
  const parameters = v.objectOrNothing(member.parameters);
  const venue = v.objectOrNothing(member.favorite_venue);
  return {
    id: v.identifier(member.id),
    language: v.text(member.language),
    first_name: v.textOrNull(parameters.first_name),
    last_name: v.textOrNull(parameters.last_name),
    available_coupons: v.integer(member.available_coupons),
    coupons: v.list(member.coupons).map((coupon) => couponOf(v.object(coupon))),
    venue: { id: venue.id == null ? null : v.identifier(venue.id), name: v.textOrNull(venue.name) },
    points: v.scaled(member.points, 2),
    card: member.primary_card_id == null ? null : v.identifier(member.primary_card_id),
    segments: v.list(member.segments).map(v.text),
    support_id: v.identifier(member.support_id),
    tier: v.textOrNull(v.objectOrNothing(member.tier).name),
  };
}

function couponOf(coupon) {
  return {
    id: v.identifier(coupon.id),
    name: v.text(coupon.name),
    image_logo: coupon.image_logo == null ? null : v.url(coupon.image_logo),
    valid_from: coupon.valid_from == null ? null : v.integer(coupon.valid_from),
    valid_until: coupon.valid_until == null ? null : v.integer(coupon.valid_until),
    expiration_at: coupon.expiration_at == null ? null : v.integer(coupon.expiration_at),
    points: coupon.points == null ? null : v.integer(coupon.points),
  };
}

export function bodies(event, properties, attributes) {
  const sent = JSON.stringify({
    data: {
      type: "event",
      attributes: {
        properties,
        metric: { data: { type: "metric", attributes: { name: "Transaction created" } } },
        profile: { data: { type: "profile", attributes: event.profile } },
        time: event.time,
        value: event.transaction.amount,
        value_currency: event.transaction.currency,
        unique_id: event.id,
      },
    },
  });
  const profile = JSON.stringify({ data: { type: "profile", attributes: { ...event.profile, ...attributes } } });
  return [v.within(sent, v.LONGEST_BODY), v.within(profile, v.LONGEST_PROFILE)];
}
