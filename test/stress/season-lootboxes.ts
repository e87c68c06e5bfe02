import type { JsonObject } from '@bufbuild/protobuf';
import { Dice, sha256, wordsOf } from '../../src/fairness/verifier/dice.ts';
import { micros, type CallerModel, type EngineModel, type JournalModel, type Sent } from './season-engine.ts';

const PRICE = '6';
const PRIZES = [
  { segment_label: 'blank', weight: 5 },
  { segment_label: 'small', asset: 'WINZ', amount: '1', weight: 60 },
  { segment_label: 'even', asset: 'WINZ', amount: '3', weight: 25 },
  { segment_label: 'odd', asset: 'WINZ', amount: '7.123457', weight: 9 },
  { segment_label: 'big', asset: 'WINZ', amount: '50', weight: 1 },
];
const BOX = { id: 'season-box', price: { asset: 'WINZ', amount: PRICE }, rolls: 2, prizes: PRIZES };

/** What an answer tells of the draws. */
interface Told {
  readonly nonce: number;
  readonly seed: string;
  readonly client: string;
  readonly config: string;
  readonly next: string;
  /** The labels of each open. */
  readonly labels: readonly (readonly string[])[];
}

const toldOf = ({ text }: Sent): Told => JSON.parse(text) as Told;
const countOf = ({ request }: Sent): number => (request['count'] as number | undefined) ?? 1;
const costOf = (sent: Sent): bigint => micros(PRICE) * BigInt(countOf(sent));

function gainOf(sent: Sent): bigint {
  const won = toldOf(sent)
    .labels.flat()
    .map((label) => micros(PRIZES.find(({ segment_label: name }) => name === label)!.amount ?? '0'));
  return won.reduce((sum, amount) => sum + amount, -costOf(sent));
}

/** The labels that the seeds draw, computed anew. */
function drawn({ nonce, seed, client, config }: Told, sub: number): string[] {
  const proof = { server_seed: seed, client_seed: client, nonce, config_hash: config };
  const dice = new Dice(wordsOf(proof, sub));
  return Array.from(
    { length: BOX.rolls },
    () => PRIZES[dice.weighted(PRIZES.map(({ weight }) => weight))]!.segment_label,
  );
}

/** Opens of a box whose price some players cannot pay: every draw is computed anew, and seeds follow one another. */
export const lootboxes: EngineModel = {
  name: 'lootboxes',
  rpcs: { one: 'LootboxService.OpenLootbox', many: 'LootboxService.BatchOpen', outcome: 'opened' },
  kinds: [1001],
  definitions: [['LootboxService.CreateLootbox', BOX]],
  request(random) {
    const count = random() < 0.1 ? { count: 1 + Math.floor(random() * 5) } : {};
    return { id: BOX.id, client_seed: random() < 0.5 ? '' : `words ${Math.floor(random() * 1000)}`, ...count };
  },
  answerOf(body) {
    const { open_id: id, deduped, nonce, opens } = body as any;
    const { server_seed: seed, server_seed_hash: hash, client_seed: client, config_hash: config } = body as any;
    if (sha256(seed) !== hash) throw new Error(`${id}: the seed is not the one of its hash`);
    const labels = opens.map((open: JsonObject) =>
      (open['rewards'] as { segment_label: string }[]).map(({ segment_label: label }) => label),
    );
    const told: Told = {
      seed,
      client,
      config,
      labels,
      nonce: Number(nonce),
      next: (body as any).next_server_seed_hash,
    };
    return { id, deduped, text: JSON.stringify(told) };
  },
  contradiction: (request) => ({ ...request, client_seed: `${String(request['client_seed'])}+` }),
  caller: (): CallerModel => ({
    take(sent, balance, sure) {
      if (sent.refused === '')
        return sure && balance < costOf(sent) ? `was done with a balance of ${balance}` : undefined;
      if (sent.refused !== 'INSUFFICIENT_BALANCE') return `was refused ${sent.refused}`;
      return sure && balance >= costOf(sent) ? `was refused with a balance of ${balance}` : undefined;
    },
  }),
  journal(): JournalModel {
    const last = new Map<string, Told>();
    return {
      take(sent, facts) {
        const told = toldOf(sent);
        const before = last.get(sent.user);
        last.set(sent.user, told);
        if (facts !== 1) return `has ${facts} facts`;
        if (told.nonce !== (before === undefined ? 0 : before.nonce + 1)) return `has the seed ${told.nonce}`;
        if (before !== undefined && before.next !== sha256(told.seed)) return 'has another seed than was announced';
        const expected = Array.from({ length: countOf(sent) }, (_, sub) => drawn(told, sub));
        return JSON.stringify(told.labels) === JSON.stringify(expected) ? undefined : 'draws other prizes';
      },
      gain: gainOf,
    };
  },
};
