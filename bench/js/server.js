// Answers one line of JSON with another: {peer, raw, times} → {body, cpu: ns} or {refused}. Lives as long as its input.

import { createInterface } from "node:readline";
import * as byHand from "./by_hand.js";
import * as jsonata from "./jsonata.js";
import * as rudderstack from "./rudderstack.js";
import * as segment from "./segment.js";

const peers = { by_hand: byHand, jsonata, rudderstack, segment };

async function answered({ peer, raw, times }) {
  const { map } = peers[peer];
  const bytes = Buffer.from(raw, "base64");
  try {
    let body = await map(bytes);
    const start = process.cpuUsage();
    if (peer === "jsonata") for (let at = 0; at < times; at++) body = await map(bytes);
    else for (let at = 0; at < times; at++) body = map(bytes);
    const { user, system } = process.cpuUsage(start);
    return { body, cpu: (user + system) * 1000 };
  } catch (error) {
    return { refused: String(error) };
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify(await answered(JSON.parse(line)))}\n`);
}
