/**
 * Jackpots as windfall/1 had them, with hidden triggers: what the journal holds of them stays readable, can be folded,
 * and proves what it proved.
 */
import {
  JackpotContributed,
  JackpotDefinition,
  JackpotOpened,
  JackpotWon,
  PotLapsed,
  type PotStart,
} from '../../../gen/ts/windfall/facts/v1/facts.ts';
import type { JackpotDefinitionV2 } from '../../../gen/ts/windfall/facts/v1/jackpot.ts';
import { openStream, seedStream, streamId, useSeed } from '../../fairness/index.ts';
import { defineFact, type FactMetadata, type Rows } from '../../journal/index.ts';
import { countPaid, jackpot as heads, pot as pots, type PotRow } from './entities.ts';
import { NOT_OF_INSTANCE } from './input.ts';
import { noteHit } from './winning.ts';

/** What pots had not yet. */
const NEW = { maxStep: 0n, minContribution: 0n };

/** A definition of format 1. */
export function readFirstFormat(bytes: Uint8Array): JackpotDefinitionV2 {
  const { pots: first, ...rest } = JackpotDefinition.decode(bytes);
  return {
    ...rest,
    instance: undefined,
    pots: first.map((pot) => ({ ...pot, ...NOT_OF_INSTANCE, ...NEW, mustDropHidden: pot.mustDropSeconds > 0n })),
  };
}

export const firstOpened = defineFact<JackpotOpened>({
  name: 'jackpot.opened',
  number: 1101,
  version: 1,
  aggregate: heads,
  codec: JackpotOpened,
  evolve(data, rows, at) {
    const head = rows.edit(heads, at.aggregate);
    head.definitionId = Number(data.definition);
    head.asset = Number(data.asset);
    openStream(rows.edit(seedStream, streamId('jackpot', at.aggregate)), data.streamName, data.keyId, at.time);
    for (const { pot, code, surplus, start, streamName } of data.pots) {
      const row = rows.edit(pots, Number(pot));
      row.jackpotId = at.aggregate;
      row.code = code;
      row.surplus = surplus;
      row.cycle = 1;
      startAs(row, start!);
      openStream(rows.edit(seedStream, streamId('pot', Number(pot))), streamName, data.keyId, at.time);
    }
  },
});

function startAs(row: PotRow, { value, triggerFrom, triggerTo, dueAt }: PotStart): void {
  row.value = value;
  row.triggerFrom = triggerFrom;
  row.triggerTo = triggerTo;
  row.dueAt = Number(dueAt);
}

export const firstContributed = defineFact<JackpotContributed>({
  name: 'jackpot.contributed',
  number: 1102,
  version: 1,
  aggregate: heads,
  codec: JackpotContributed,
  players: ({ player }) => [Number(player)],
  evolve(data, rows, at) {
    const head = rows.edit(heads, at.aggregate);
    for (const { pot, value, reserve, overflow } of data.pots) {
      const row = rows.edit(pots, Number(pot));
      row.value += value;
      row.reserve += reserve;
      row.overflow += overflow;
      row.contributed += value + reserve;
      row.lastPlayer = Number(data.player);
    }
    head.house += data.house;
    head.contributed += amountOf(data);
    head.contributions += 1;
    if (data.draw === undefined) return;
    head.nonce = Number(data.draw.nonce) + 1;
    if (!data.draw.pots.some(({ hit }) => hit)) return;
    useSeed(rows.edit(seedStream, streamId('jackpot', at.aggregate)), at);
    head.nonce = 0;
  },
});

/** The whole amount of a contribution. */
export const amountOf = ({ pots: shares, house }: JackpotContributed): bigint =>
  shares.reduce((sum, { value, reserve }) => sum + value + reserve, house);

export const firstWon = defineFact<JackpotWon>({
  name: 'jackpot.won',
  number: 1103,
  version: 1,
  aggregate: heads,
  codec: JackpotWon,
  evolve(data, rows, at) {
    const row = rows.edit(pots, Number(data.pot));
    row.hits += 1;
    countPaid(row, data.amount);
    row.reserve -= data.fromReserve;
    row.surplus -= data.fromSurplus;
    row.wonAt = at.time;
    begin(row, data.start!, data.trigger !== undefined, rows, at);
    noteHit(rows, at, data);
  },
});

export const firstLapsed = defineFact<PotLapsed>({
  name: 'jackpot.pot-lapsed',
  number: 1104,
  version: 1,
  aggregate: heads,
  codec: PotLapsed,
  evolve(data, rows, at) {
    begin(rows.edit(pots, Number(data.pot)), data.start!, true, rows, at);
  },
});

/** The kinds of facts that nothing records any more. */
export const FIRST_FACTS = [firstOpened, firstContributed, firstWon, firstLapsed];

/** Begins a pot's next cycle. If the last one had a hidden trigger, its seed is used up. */
function begin(row: PotRow, start: PotStart, hidden: boolean, rows: Rows, at: FactMetadata): void {
  startAs(row, start);
  row.cycle += 1;
  row.lastPlayer = 0;
  if (hidden) useSeed(rows.edit(seedStream, streamId('pot', row.id)), at);
}
