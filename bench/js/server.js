// Answers one line of JSON with another: {peer, raw, headers, times} → {bodies, cpu: ns} or {refused}. peer: a module here,
// such as giftcard_issued/by_hand, loaded when it is first asked for. It lives as long as its input.

import { createInterface } from "node:readline";

async function answered({ peer, raw, headers, times }) {
  const { map } = await import(`./${peer}.js`);
  const bytes = Buffer.from(raw, "base64");
  const waits = map.constructor.name === "AsyncFunction";
  try {
    let bodies = await map(bytes, headers);
    const start = process.cpuUsage();
    if (waits) for (let at = 0; at < times; at++) bodies = await map(bytes, headers);
    else for (let at = 0; at < times; at++) bodies = map(bytes, headers);
    const { user, system } = process.cpuUsage(start);
    return { bodies, cpu: (user + system) * 1000 };
  } catch (error) {
    return { refused: String(error) };
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify(await answered(JSON.parse(line)))}\n`);
}
