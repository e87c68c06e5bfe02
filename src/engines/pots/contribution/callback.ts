import { PotsCalledBack, type PotsContributed } from '../../../../gen/ts/windfall/facts/v1/pots.ts';
import { defineCallback } from '../../../events/index.ts';
import { defineFact, type Fact } from '../../../journal/index.ts';
import { jackpot as heads } from '../../jackpot/index.ts';
import type { PotWon } from './outcome.ts';
import { failureDocument, resultDocument } from './results.ts';

/** Where the results of a contribution are sent. */
export interface CallbackRequest {
  readonly url: string;
  readonly winsOnly: boolean;
  /** As JSON; empty: none. */
  readonly metadata: string;
}

/** What one instance made of a contribution is sent to an URL. Its place in the journal is all that there is to it. */
export const potsCalledBack = defineFact<PotsCalledBack>({
  name: 'pots.called-back',
  number: 1630,
  version: 1,
  aggregate: heads,
  codec: PotsCalledBack,
  evolve: () => undefined,
});

/** The webhooks of contributions whose calls have named an URL. */
export const contributionCallback = defineCallback<PotsCalledBack>({
  type: 'pots.contribution',
  facts: [potsCalledBack],
  view({
    data: { url, contributed, winPot: pot, winAmount: amount, withheld, cause, metadata: text, tickets },
    operationId,
    time,
  }) {
    const metadata: unknown = text === '' ? null : JSON.parse(text);
    if (contributed === undefined)
      return { url, body: JSON.stringify({ type: 'error', ...failureDocument(cause), metadata }) };
    const win = pot === '' ? null : { pot, amount, withheld };
    const result = resultDocument(
      { ...contributed, win, tickets: tickets === undefined ? null : Number(tickets) },
      operationId,
      time,
    );
    return { url, body: JSON.stringify({ type: 'data', ...result, metadata }) };
  },
});

/** What one instance made of a contribution. */
interface Told {
  /** Unset: it was rejected. */
  readonly contributed?: PotsContributed | undefined;
  readonly win?: PotWon | null;
  readonly tickets?: number | null;
  readonly cause?: string;
}

/** The fact by which a result is sent; none if only wins are asked for. @param jackpot the number of the target. */
export function calledBack(
  { url, winsOnly, metadata }: CallbackRequest,
  jackpot: number,
  { contributed, win = null, tickets = null, cause = '' }: Told,
): Fact<PotsCalledBack>[] {
  if (winsOnly && win === null) return [];
  const won = {
    winPot: win?.pot ?? '',
    winAmount: win?.amount ?? 0n,
    withheld: win?.withheld ?? false,
    tickets: tickets === null ? undefined : BigInt(tickets),
  };
  return [{ kind: potsCalledBack, id: jackpot, data: { url, contributed, cause, metadata, ...won }, transfers: [] }];
}
