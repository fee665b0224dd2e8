import { expect, test } from "vitest";
import { answerList } from "../../../src/cli/listing/answer.ts";
import { ps } from "../../../src/cli/listing/ps.ts";
import { tell } from "../../../src/containers/told.ts";
import type { Take } from "../../../src/control/orders.ts";
import { containerEntry, podEntry } from "../../containers/entries.ts";
import { givenIo } from "../given-cli.ts";

/** A podstamp that knows so many containers, and says this of them. */
function given(count: number, lines: readonly string[] = []) {
  const pod = podEntry("p1");
  const all = Array.from({ length: count }, (_, i) => ({ ...containerEntry(`c${i}`, "p1"), pod }));
  let sent = 0;
  const take: Take = async (_order, _question, reply) => {
    for (const one of tell([pod, ...all], [])) {
      if (reply.signal.aborted) break;
      sent++;
      await reply.send(one);
    }
    return { ok: true, lines };
  };
  const list = async (question: Readonly<Record<string, unknown>>) => {
    const items: unknown[] = [];
    const send = async (item: unknown) => void items.push(item);
    const reply = { send, offer: () => {}, signal: new AbortController().signal };
    return { ended: await answerList(question, reply, take), items };
  };
  return { list, sent: () => sent };
}

test.each([[null], [80], [200]])("a list for others is what the command prints, for %j columns", async (columns) => {
  const { list } = given(3, ["it may be old"]);
  const { ended, items } = await list({ words: ["ps", "-a"], columns });
  expect(ended).toEqual({ ok: true, lines: [] });
  const { io, out } = givenIo({ columns: columns ?? undefined });
  const pod = podEntry("p1");
  const known = [0, 1, 2].map((i) => ({ ...containerEntry(`c${i}`, "p1"), pod }));
  await ps(["-a"], io, { known: async () => ({ pods: [pod], containers: known, gone: new Set(), doubts: [] }) });
  expect(out()).toContain("c2");
  expect(items).toEqual([{ err: "it may be old\n" }, { out: out() }]);
});

test.each<[Readonly<Record<string, unknown>>, RegExp]>([
  [{}, /must have words/],
  [{ words: ["ps", 1], columns: null }, /must have words/],
  [{ words: ["ps"], columns: "80" }, /must have words/],
  [{ words: [], columns: null }, /must be ps or pods, is ""/],
  [{ words: ["images"], columns: null }, /must be ps or pods, is "images"/],
  [{ words: ["ps", "-h"], columns: null }, /help/],
  [{ words: ["ps", "--no-such"], columns: null }, /Unknown option/],
  [{ words: ["ps", "-r", "/x.sock"], columns: null }, /the runtimes must be asked/],
  [{ words: ["ps", "--from", "runtime"], columns: null }, /the runtimes must be asked/],
  [{ words: ["ps", "--socket", "/x.sock"], columns: null }, /longer than a table of all/],
  [{ words: ["ps", "-o", "json"], columns: null }, /longer than a table of all/],
  [{ words: ["ps", "--namespace", "(a|b)*c"], columns: null }, /longer than a table of all/],
])("%j is left to who asks", async (question, why) => {
  const { ended, items } = await given(1).list(question);
  expect(ended).toMatchObject({ ok: false, lines: [expect.stringMatching(why)] });
  expect(items).toEqual([]);
});

test("of more than a thousand who asks makes the list, and no more of them are told than that", async () => {
  const { list, sent } = given(5000);
  expect((await list({ words: ["ps"], columns: null })).ended).toMatchObject({
    ok: false,
    lines: [expect.stringMatching(/more than 1000/)],
  });
  expect(sent()).toBe(1001);
});
