import type { JackpotDefinitionV2 } from '../../../gen/ts/windfall/facts/v1/jackpot.ts';
import { PotsShown } from '../../../gen/ts/windfall/facts/v1/pots.ts';
import { definition, statusNumber, type Shown } from '../../catalogue/index.ts';
import { defineFact, type Command } from '../../journal/index.ts';
import { jackpot as heads, pot as pots } from '../jackpot/index.ts';
import { potsListing } from './entities.ts';

/** How often at most an instance tells what it shows, in microseconds. */
const EVERY = 5_000_000;

/** What an instance shows is told. */
export const potsShown = defineFact<PotsShown>({
  name: 'pots.shown',
  number: 1680,
  version: 1,
  aggregate: heads,
  codec: PotsShown,
  evolve({ listing, head, status }, rows, at) {
    const row = rows.edit(potsListing, Number(listing));
    // With this fact.
    row.told = rows.edit(heads, at.aggregate).sequence;
    row.toldHead = Number(head);
    row.toldAt = at.time;
    row.isTold = status === statusNumber('archived') ? 0 : 1;
  },
});

interface ShowRequest {
  readonly shown: Shown<JackpotDefinitionV2>;
  /** The ids of the sources that lead to it. */
  readonly sources: readonly string[];
}

/** Tells what an instance shows, unless nothing has changed, or it was told a moment ago. */
export const showing: Command<ShowRequest, void> = {
  name: 'pots.show',
  needs({ shown: { definitionId, content } }, rows) {
    rows.read(definition, definitionId);
    rows.lock(heads, Number(content.jackpot));
    for (const { pot } of content.pots) rows.lock(pots, Number(pot));
    rows.lock(potsListing, definitionId);
  },
  decide({ shown: { definitionId, versionId, code, content }, sources }, snapshot) {
    const { jackpot, asset, instance } = content;
    const { status, sequence, versionId: inForce } = snapshot.row(definition, definitionId);
    const { told, toldHead, toldAt } = snapshot.row(potsListing, definitionId);
    const isKnown = told === snapshot.row(heads, Number(jackpot)).sequence && toldHead === sequence;
    // Another version is told next time.
    if (isKnown || inForce !== versionId || snapshot.now - toldAt < EVERY) return [];
    const { brand: owner, brands, startsAt, endsAt } = instance!;
    const data: PotsShown = {
      status,
      owner,
      startsAt,
      endsAt,
      listing: BigInt(definitionId),
      head: BigInt(sequence),
      instance: code,
      currency: asset,
      pots: content.pots.map(({ pot, code: id, fixed }) => {
        const { value } = snapshot.row(pots, Number(pot));
        return { code: id, value, fixed };
      }),
      brands: [...brands],
      sources: [...sources],
      isRaffle: instance!.raffle !== undefined,
    };
    return [{ kind: potsShown, id: Number(jackpot), data, transfers: [] }];
  },
  answer: () => undefined,
};
