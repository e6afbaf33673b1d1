// RudderStack's template engine, compiled once; the checks and conversions are functions among its bindings.

import engine from "@rudderstack/json-template-engine";
import * as v from "../values.js";

const template = `
$.expect(.type, "order.placed");
const recipient = $.objectOrNothing(.recipient);
const buyer = $.objectOrNothing(.buyer);
const order = $.object(.order);
const delivery = $.object(.delivery);
const store = $.object(.store);
const wallet = $.objectOrNothing(.wallet);
const card = $.object(.card);
const transaction = $.object(.transaction);
const loyalty = $.objectOrNothing(recipient.loyalty);
const barcode = $.object(card.barcode);
const credit = $.objectOrNothing(recipient.store_credit).balance;
const google = $.objectOrNothing(wallet.google).url;
const apple = $.objectOrNothing(wallet.apple).url;
const campaign = $.objectOrNothing(transaction.campaign).id;
const scheduled = $.flag(delivery.scheduled);
const zone = $.text(delivery.timezone);
{
  data: {
    type: "event",
    attributes: {
      properties: {
        customer_email: $.textOrNull(recipient.email),
        customer_phone: $.textOrNull(recipient.phone),
        customer_name: $.name($.textOrNull(recipient.first_name), $.textOrNull(recipient.last_name)),
        customer_first_name: recipient.first_name ?? null,
        customer_last_name: recipient.last_name ?? null,
        sender_email: $.textOrNull(buyer.email),
        sender_phone: $.textOrNull(buyer.phone),
        sender_name: $.name($.textOrNull(buyer.first_name), $.textOrNull(buyer.last_name)),
        sender_first_name: buyer.first_name ?? null,
        sender_last_name: buyer.last_name ?? null,
        company_name: $.text(store.name),
        store_name: store.name,
        loyalty_card_balance: loyalty.points == null ? null : $.whole(loyalty.points),
        store_credit_balance: credit == null ? null : $.decimal(credit),
        vip_tier: $.textOrNull($.objectOrNothing(loyalty.tier).name),
        google_pass_url: google == null ? null : $.url(google),
        apple_pass_url: apple == null ? null : $.url(apple),
        card_number: $.identifier(card.number),
        card_pin: card.pin == null ? null : $.identifier(card.pin),
        card_id: $.identifier(card.id),
        original_value: $.money(card.original_value),
        balance: $.money(card.balance),
        currency: $.text($.object(store.currency).symbol),
        expiration_date: card.expires_at == null ? "Never" : $.day(card.expires_at, store.timezone),
        barcode_url: $.url("https://" + $.text(store.domain) + "/barcodes/" + $.text(barcode.format) + "/" + $.text(barcode.value) + ".png"),
        is_gift: $.flag(order.is_gift),
        greeting_message: $.textOrNull(order.gift_message),
        scheduled: scheduled,
        deliver_at: scheduled && delivery.deliver_at != null ? $.timeOfDay(delivery.deliver_at, zone) : "Never",
        delivery_mode: $.text(delivery.mode),
        deliver_at_timezone: zone,
        delivered_to_sender: $.flag(delivery.to_sender),
        giftcard_theme_url: $.largeImage($.objectOrNothing(card.theme)),
        client_order_id: order.client_order_id == null ? null : $.identifier(order.client_order_id),
        order_date: $.day(order.created_at, store.timezone),
        campaign_id: campaign == null ? null : $.identifier(campaign),
        activity_type: $.text($.object(transaction.activity).type)
      },
      metric: {data: {type: "metric", attributes: {name: "OrderPlaced"}}},
      profile: {data: {type: "profile", attributes: $.profile(recipient)}},
      time: $.instant(.occurred_at),
      unique_id: $.eventId(.id)
    }
  }
}
`;
// Simple paths are the engine's fast ones; its default looks into arrays on the way.
const compiled = engine.JsonTemplateEngine.createAsSync(template, { defaultPathType: engine.PathType.SIMPLE });
const bindings = { ...v };

export function map(raw) {
  return [JSON.stringify(compiled.evaluate(v.read(raw), bindings))];
}
