import {
  JackpotOpenedV2,
  type JackpotDefinitionV2,
  type PotOpenedV2,
} from '../../../gen/ts/windfall/facts/v1/jackpot.ts';
import type { Opening, RowName } from '../../catalogue/index.ts';
import { newStream, openStream, seedStream, streamId } from '../../fairness/index.ts';
import { account, accountId, defineFact, type Fact, type Snapshot, type Transfer } from '../../journal/index.ts';
import { bindPot, configOf } from './bound.ts';
import { jackpot, pot } from './entities.ts';
import { newRound, openRound, roundEnd, roundNeeds, type NewRound } from './raffle/round.ts';
import { openingValue, startOf } from './rules.ts';
import { begin, endCycleOrder } from './winning.ts';

/** The pots of a jackpot are open. Its transfers pay for the opening. */
export const jackpotOpened = defineFact<JackpotOpenedV2>({
  name: 'jackpot.opened',
  number: 1101,
  version: 2,
  aggregate: jackpot,
  codec: JackpotOpenedV2,
  evolve(data, rows, at) {
    const head = rows.edit(jackpot, at.aggregate);
    head.definitionId = Number(data.definition);
    head.asset = Number(data.asset);
    head.config = data.configHash.toString('hex');
    openStream(rows.edit(seedStream, streamId('jackpot', at.aggregate)), data.streamName, data.keyId, at.time);
    for (const { pot: id, code, surplus, start, streamName } of data.pots) {
      const row = rows.edit(pot, Number(id));
      row.jackpotId = at.aggregate;
      row.code = code;
      row.surplus = surplus;
      begin(row, start!, rows, at);
      openStream(rows.edit(seedStream, streamId('pot', Number(id))), streamName, data.keyId, at.time);
    }
  },
});

/** All rows that a jackpot shows, and that its opening creates: its own, its pots', and its seed streams. */
export function rowsOf({ jackpot: id, pots }: JackpotDefinitionV2): RowName[] {
  return [
    [jackpot, Number(id)],
    [seedStream, streamId('jackpot', Number(id))],
    ...pots.flatMap(({ pot: potId }): RowName[] => [
      [pot, Number(potId)],
      [seedStream, streamId('pot', Number(potId))],
    ]),
  ];
}

/** The names of a jackpot's streams, and the master key of their seeds. */
interface Streams {
  readonly keyId: string;
  readonly hits: string;
  readonly pots: readonly string[];
  /** The first round of a raffle; null: it is none. */
  readonly round: NewRound | null;
}

/** Opens a jackpot's pots when it first becomes active: the operator pays their values and surplus seeds. */
export const opening: Opening<JackpotDefinitionV2, Streams> = {
  prepare: ({ pots, instance }, keys) => ({
    keyId: keys.currentId,
    hits: newStream('jackpot'),
    pots: pots.map(() => newStream('pot')),
    round: instance?.raffle === undefined ? null : newRound(Number(instance.raffle.pool), keys),
  }),
  needs(content, rows, assetNo) {
    for (const [table, id] of rowsOf(content)) rows.lock(table, id);
    rows.lock(account, accountId('jackpot', Number(content.jackpot), assetNo(content.asset)));
    if (content.instance?.raffle !== undefined) roundNeeds(Number(content.instance.raffle.pool), rows);
  },
  open(content, { definitionId, versionId, prepared, assetNo }, snapshot) {
    const [id, asset] = [Number(content.jackpot), assetNo(content.asset)];
    const pots = content.pots.map((definition, i): PotOpenedV2 => {
      const first = definition.maxStarts === 0 ? 0 : 1;
      return {
        pot: definition.pot,
        code: definition.code,
        surplus: definition.surplus,
        streamName: prepared.pots[i]!,
        start: startOf(bindPot(definition), openingValue(definition), first, versionId, snapshot.now),
      };
    });
    const data: JackpotOpenedV2 = {
      pots,
      asset: BigInt(asset),
      streamName: prepared.hits,
      keyId: prepared.keyId,
      definition: BigInt(definitionId),
      configHash: Buffer.from(configOf(content).configHash, 'hex'),
    };
    const amount = pots.reduce((sum, { start, surplus }) => sum + start!.value + surplus, 0n);
    const transfers: Transfer[] =
      amount === 0n ? [] : [{ from: accountId('operator', 0, asset), to: accountId('jackpot', id, asset), amount }];
    const tasks = pots.flatMap((one) => endCycleOrder(Number(one.pot), one.start!));
    return [
      { kind: jackpotOpened, id, data, transfers, tasks },
      ...firstRound(content, definitionId, prepared, snapshot),
    ];
  },
};

/** The first round of a raffle. */
function firstRound(
  { jackpot: id, instance }: JackpotDefinitionV2,
  definitionId: number,
  { round }: Streams,
  { now }: Snapshot,
): Fact[] {
  if (round === null) return [];
  return openRound(round, { jackpot: id, definitionId }, { number: 1, endsAt: roundEnd(instance!, now, now) });
}
