import type { JsonObject } from '@bufbuild/protobuf';
import { Dice, sha256, wordsOf } from '../../src/fairness/verifier/dice.ts';
import { micros, type CallerModel, type EngineModel, type JournalModel, type Sent } from './season-engine.ts';

/** A prize as its definition has it. */
type PrizeTerms = {
  readonly segment_label: string;
  readonly asset?: string;
  readonly amount?: string;
  readonly weight: number;
  readonly stock?: string;
  readonly fallback?: string;
};

const won = (segment_label: string, weight: number, amount: string): PrizeTerms => ({
  segment_label,
  weight,
  amount,
  asset: 'WINZ',
});

/** A prize table that players pay for. */
interface TableTerms extends JsonObject {
  readonly id: string;
  readonly price: { readonly asset: string; readonly amount: string };
  readonly prizes: PrizeTerms[];
}

const BOX: TableTerms = {
  id: 'season-box',
  price: { asset: 'WINZ', amount: '6' },
  rolls: 2,
  prizes: [
    { segment_label: 'blank', weight: 5 },
    won('small', 60, '1'),
    won('even', 25, '3'),
    won('odd', 9, '7.123457'),
    won('big', 1, '50'),
  ],
};
const WHEEL: TableTerms = {
  id: 'season-wheel',
  kind: 'wheel',
  price: { asset: 'WINZ', amount: '2' },
  prizes: [
    { segment_label: 'blank', weight: 50 },
    won('back', 40, '2'),
    { ...won('rare', 9, '3.5'), stock: '40', fallback: 'back' },
    { ...won('last', 1, '9'), stock: '3' },
  ],
};

/** What an answer tells of the draws. */
interface Told {
  readonly nonce: number;
  readonly seed: string;
  readonly client: string;
  readonly config: string;
  readonly next: string;
  /** The labels of each open: of a prize that is sold out, both. */
  readonly labels: readonly (readonly string[])[];
}

/** What differs between the engines whose definitions are prize tables. */
interface TableEngine {
  readonly name: string;
  readonly rpcs: EngineModel['rpcs'];
  readonly kind: number;
  readonly create: string;
  readonly table: TableTerms;
  readonly rolls: number;
  /** How many opens a request may have. */
  readonly most: number;
  /** The operation, and the outcomes of each open. */
  read(body: any): { readonly id: string; readonly opens: readonly (readonly JsonObject[])[] };
}

const toldOf = ({ text }: Sent): Told => JSON.parse(text) as Told;
const countOf = ({ request }: Sent): number => (request['count'] as number | undefined) ?? 1;
/** What was won in the end: the prize, or the fallback of one that is sold out; undefined: it has none. */
function wonLabel(label: string): string | undefined {
  const [drawn, given = drawn] = label.split(' > ');
  return label.includes(' > ') && drawn === given ? undefined : given;
}

/** Plays of a table: every draw is computed anew, seeds follow one another, and stock is counted along the journal. */
function tableModel({ name, rpcs, kind, create, table, rolls, most, read }: TableEngine): EngineModel {
  const costOf = (sent: Sent): bigint => micros(table.price.amount) * BigInt(countOf(sent));
  const amountOf = (label: string): bigint =>
    micros(table.prizes.find(({ segment_label: one }) => one === wonLabel(label))?.amount ?? '0');
  return {
    name,
    rpcs,
    kinds: [kind],
    definitions: [[create, table]],
    request(random) {
      const count = most > 1 && random() < 0.1 ? { count: 1 + Math.floor(random() * most) } : {};
      return { id: table.id, client_seed: random() < 0.5 ? '' : `words ${Math.floor(random() * 1000)}`, ...count };
    },
    answerOf(body) {
      const { id, opens } = read(body);
      const { server_seed: seed, server_seed_hash: hash, next_server_seed_hash: next, nonce } = body as any;
      const { client_seed: client, config_hash: config, deduped } = body as any;
      if (sha256(seed) !== hash) throw new Error(`${id}: the seed is not the one of its hash`);
      const labels = opens.map((outcomes) =>
        outcomes.map(({ segment_label: label, sold_out: sold }) =>
          sold === undefined ? String(label) : `${String(sold)} > ${String(label)}`,
        ),
      );
      const told: Told = { seed, client, config, labels, next, nonce: Number(nonce) };
      return { id, deduped, text: JSON.stringify(told) };
    },
    contradiction: (request) => ({ ...request, client_seed: `${String(request['client_seed'])}+` }),
    gain: (sent) =>
      toldOf(sent)
        .labels.flat()
        .reduce((sum, label) => sum + amountOf(label), -costOf(sent)),
    caller: (): CallerModel => ({
      take(sent, balance, sure) {
        const enough = balance >= costOf(sent);
        if (sent.refused === '') return sure && !enough ? `was done with a balance of ${balance}` : undefined;
        if (sent.refused !== 'INSUFFICIENT_BALANCE') return `was refused ${sent.refused}`;
        return sure && enough ? `was refused with a balance of ${balance}` : undefined;
      },
    }),
    journal(seeds): JournalModel {
      const stock = new Map<string, number>();
      return {
        take(sent, facts) {
          const told = toldOf(sent);
          const before = seeds.get(sent.user);
          seeds.set(sent.user, told);
          const expected = Array.from({ length: countOf(sent) }, (_, sub) =>
            drawn(table.prizes, rolls, told, sub).map((prize) => labelOf(prize, stock)),
          );
          if (facts !== 1) return `has ${facts} facts`;
          if (told.nonce !== (before === undefined ? 0 : before.nonce + 1)) return `has the seed ${told.nonce}`;
          if (before !== undefined && before.next !== sha256(told.seed)) return 'has another seed than was announced';
          const [is, should] = [JSON.stringify(told.labels), JSON.stringify(expected)];
          return is === should ? undefined : `drew ${is}, the model says ${should}`;
        },
      };
    },
  };
}

/** The prizes that the seeds draw, computed anew. */
function drawn(prizes: readonly PrizeTerms[], rolls: number, told: Told, sub: number): PrizeTerms[] {
  const { nonce, seed, client, config } = told;
  const proof = { server_seed: seed, client_seed: client, nonce, config_hash: config };
  const dice = new Dice(wordsOf(proof, sub));
  return Array.from({ length: rolls }, () => prizes[dice.weighted(prizes.map(({ weight }) => weight))]!);
}

/** What a drawn prize is told as: one that is sold out gives its fallback, or nothing. */
function labelOf(
  { segment_label: label, stock: most, fallback = label }: PrizeTerms,
  stock: Map<string, number>,
): string {
  if (most === undefined) return label;
  const taken = (stock.get(label) ?? 0) + 1;
  if (taken > Number(most)) return `${label} > ${fallback}`;
  stock.set(label, taken);
  return label;
}

export const lootboxes = tableModel({
  name: 'lootboxes',
  rpcs: { one: 'LootboxService.OpenLootbox', many: 'LootboxService.BatchOpen', outcome: 'opened' },
  kind: 1001,
  create: 'LootboxService.CreateLootbox',
  table: BOX,
  rolls: 2,
  most: 5,
  read: ({ open_id: id, opens }) => ({ id, opens: opens.map(({ rewards }: any) => rewards) }),
});

export const miniGames = tableModel({
  name: 'mini-games',
  rpcs: { one: 'MiniGameService.PlayMiniGame', many: 'MiniGameService.BatchPlay', outcome: 'played' },
  kind: 1201,
  create: 'MiniGameService.CreateMiniGame',
  table: WHEEL,
  rolls: 1,
  most: 1,
  read: ({ play_id: id, outcome }) => ({ id, opens: [[outcome]] }),
});
