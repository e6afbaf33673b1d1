// RudderStack's template engine, compiled once; the checks and conversions are functions among its bindings.

import engine from "@rudderstack/json-template-engine";
import * as v from "../values.js";

const template = `
$.expect(.type, "giftcard.issued");
const customer = $.objectOrNothing(.customer);
const store = $.object(.store);
const wallet = $.objectOrNothing(.wallet);
const card = $.object(.card);
const transaction = $.object(.transaction);
const loyalty = $.objectOrNothing(customer.loyalty);
const barcode = $.object(card.barcode);
const credit = $.objectOrNothing(customer.store_credit).balance;
const google = $.objectOrNothing(wallet.google).url;
const apple = $.objectOrNothing(wallet.apple).url;
const campaign = $.objectOrNothing(transaction.campaign).id;
const kind = $.text(transaction.type);
{
  data: {
    type: "event",
    attributes: {
      properties: {
        customer_email: $.textOrNull(customer.email),
        customer_phone: $.textOrNull(customer.phone),
        customer_name: $.name($.textOrNull(customer.first_name), $.textOrNull(customer.last_name)),
        customer_first_name: customer.first_name ?? null,
        customer_last_name: customer.last_name ?? null,
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
        amount: $.money(transaction.amount),
        currency: $.text($.object(store.currency).symbol),
        expiration_date: card.expires_at == null ? "Never" : $.day(card.expires_at, store.timezone),
        giftcard_theme_url: $.largeImage($.objectOrNothing(card.theme)),
        barcode_url: $.url("https://" + $.text(store.domain) + "/barcodes/" + $.text(barcode.format) + "/" + $.text(barcode.value) + ".png"),
        transaction_type: kind,
        greeting_message: kind === "ISSUED" ? $.textOrNull(transaction.note) : null,
        campaign_id: campaign == null ? null : $.identifier(campaign),
        activity_type: $.text($.object(transaction.activity).type)
      },
      metric: {data: {type: "metric", attributes: {name: "GiftcardIssued"}}},
      profile: {data: {type: "profile", attributes: $.profile(customer)}},
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
