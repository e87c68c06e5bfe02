import canonicalize from 'canonicalize';
import type { BoundConfig } from '../../src/fairness/config-hash.ts';
import { Draw } from '../../src/fairness/draw.ts';
import { HmacKey } from '../../src/fairness/hmac.ts';
import { joinClientSeeds, type ClientSeed } from '../../src/fairness/proof.ts';
import { digestOf, recordText, type RecordHead, type RecordProof } from '../../src/fairness/records/record.ts';
import { tableText, type TableGrant } from '../../src/fairness/records/table.ts';
import { serverSeed, serverSeedHash, type StreamKind } from '../../src/fairness/seeds.ts';
import { bindTable, drawTable, type PrizeTable, type Reward, type RewardItem } from '../../src/fairness/table.ts';
import type { Micros } from '../../src/kernel/index.ts';

/** What a sample of a record is made from besides its recipe. */
export interface RecordSample {
  readonly position?: number;
  readonly nonce?: number;
  readonly clientSeeds: readonly ClientSeed[];
  readonly head?: Partial<RecordHead>;
}

const masterKey = new HmacKey(Buffer.alloc(32, 'windfall'));

/** The head of a sample, with its seed. */
export function sampleHead(kind: StreamKind, bound: BoundConfig, sample: RecordSample): [RecordHead, string] {
  const { position = 0, nonce = kind === 'player' ? position : 0, clientSeeds, head } = sample;
  const stream = `${kind}/0123456789abcdef0123456789abcdef-1`;
  const seed = serverSeed(masterKey, stream, position);
  const all: RecordHead = {
    operator: 'acme',
    operation: '0192a4c4-0000-7000-8000-0123456789ab',
    part: 0,
    time: 1_795_000_000_123_456,
    definition: { engine: 'lootbox', id: 'starter-box', version: 3 },
    player: kind === 'player' ? '00112233445566778899aabbccddeeff' : '',
    stream,
    position,
    nonce,
    seedHash: serverSeedHash(seed),
    seedReadableSince: 1_794_999_999_000_007,
    clientSeeds,
    configHash: bound.configHash,
    ...head,
  };
  return [all, seed];
}

/** The draw of a sample. @param chain what stands after the config's hash in the message. */
export function sampleDraw(head: RecordHead, seed: string, sub = 0, chain?: string): Draw {
  const configHash = chain === undefined ? head.configHash : `${head.configHash}:${chain}`;
  return new Draw({
    serverSeed: seed,
    clientSeed: joinClientSeeds(head.clientSeeds),
    nonce: head.nonce,
    sub,
    configHash,
  });
}

/** A proof from its parts. */
export function sampleProof(
  recipe: string,
  [head, seed]: readonly [RecordHead, string],
  outcome: string | object,
  { config }: BoundConfig,
): RecordProof {
  const record = recordText(recipe, head, typeof outcome === 'string' ? outcome : canonicalize(outcome)!);
  return { record, config, server_seed: seed, digest: digestOf(record) };
}

export interface TableSample extends RecordSample {
  readonly table: PrizeTable;
  readonly count: number;
  readonly freePlays?: number;
  /** What was won before of prizes with stock, in table order. */
  readonly won?: readonly number[];
}

/** A proof of recipe table. It does by itself what the prize engine does. */
export function tableRecord({ table, count, freePlays = 0, won = [], ...sample }: TableSample): RecordProof {
  const bound = bindTable(table);
  const [head, seed] = sampleHead('player', bound, sample);
  const labels = [...new Set(table.prizes.filter(({ stock }) => stock !== undefined).map(({ label }) => label))];
  const left = new Map(labels.map((label, i) => [label, won[i] ?? 0]));
  const sums: Record<string, Micros> = {};
  const items: RewardItem[] = [];
  const opens = [];
  for (let sub = 0; sub < count; sub++) {
    const draw = sampleDraw(head, seed, sub);
    const rolls = drawTable(draw, bound);
    const soldOut: number[] = [];
    const given: Reward[] = [];
    rolls.forEach((index, roll) => {
      const { stock, label, fallback } = table.prizes[index]!;
      const instead = table.prizes.find((prize) => prize.label === fallback);
      if (stock === undefined) given.push(table.prizes[index]!);
      else if (left.get(label)! < stock) {
        left.set(label, left.get(label)! + 1);
        given.push(table.prizes[index]!);
      } else {
        soldOut.push(roll);
        if (instead !== undefined) given.push(instead);
      }
    });
    for (const { item, asset, amount } of [...given, ...table.guaranteed]) {
      if (item === undefined) sums[asset] = (sums[asset] ?? 0n) + amount;
      else items.push(item);
    }
    opens.push({ rolls, soldOut, words: draw.wordsConsumed });
  }
  const outcome = tableText({
    opens,
    freePlays,
    price: (table.cost?.amount ?? 0n) * BigInt(count - freePlays),
    stockWon: labels.map((label, i) => ({ label, won: won[i] ?? 0 })),
    payouts: Object.keys(sums)
      .sort()
      .filter((asset) => sums[asset]! > 0n)
      .map((asset) => ({ asset, amount: sums[asset]! })),
    grants: items.map((item, i): TableGrant => ({ ...item, id: 77 + i })),
  });
  return sampleProof('table', [head, seed], outcome, bound);
}
