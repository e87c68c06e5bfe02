import type { ContributionResult } from '../../../../gen/ts/windfall/pots/v1/contribution.ts';
import { invalid, toNumber, type Uuid } from '../../../kernel/index.ts';
import { gameroundOf } from '../../jackpot/index.ts';
import type { Accepted, Outcome, PotsAnswer } from './outcome.ts';

/** The results of a contribution, with the metadata of its request. */
export const resultsOf = ({ operationId, time, outcomes }: PotsAnswer, metadata: unknown): ContributionResult[] =>
  outcomes.map((outcome) =>
    isAccepted(outcome) ? resultMessage(outcome, operationId, time, metadata) : failureMessage(outcome),
  );

const isAccepted = (outcome: Outcome): outcome is Accepted => 'win' in outcome;

const FAILURE = { statusCode: 400, code: 'CONTRIBUTION_REJECTED' };
const NO_RESULT = {
  instanceId: undefined,
  timestamp: undefined,
  gameroundId: undefined,
  winAmount: undefined,
  winPotId: undefined,
  ticketsAwarded: undefined,
  winWithheld: undefined,
  contributionCurrency: undefined,
  contributionAmount: undefined,
  metadata: undefined,
};
const NO_FAILURE = { statusCode: undefined, code: undefined, message: undefined };

const failureMessage = ({ cause: message }: Exclude<Outcome, Accepted>): ContributionResult => ({
  ...NO_RESULT,
  ...FAILURE,
  message,
});

const resultMessage = (
  { instance, place, win, tickets, currency, paid }: Accepted,
  operationId: Uuid,
  time: number,
  metadata: unknown,
): ContributionResult => ({
  ...NO_FAILURE,
  instanceId: instance,
  timestamp: Math.floor(time / 1000),
  gameroundId: place === 0 ? operationId : gameroundOf(operationId, instance),
  winAmount: win === null ? 0 : toNumber(win.amount),
  winPotId: win?.pot,
  ticketsAwarded: tickets ?? undefined,
  winWithheld: win?.withheld ?? false,
  contributionCurrency: currency,
  contributionAmount: toNumber(paid),
  metadata: metadata ?? null,
});

/** A result in the JSON of the documents, without metadata. */
export function resultDocument(accepted: Accepted, operationId: Uuid, time: number): object {
  const result = resultMessage(accepted, operationId, time, null);
  return {
    instance_id: result.instanceId,
    timestamp: result.timestamp,
    gameround_id: result.gameroundId,
    win_amount: result.winAmount,
    win_pot_id: result.winPotId ?? null,
    tickets_awarded: result.ticketsAwarded ?? null,
    win_withheld: result.winWithheld,
    contribution_currency: result.contributionCurrency,
    contribution_amount: result.contributionAmount,
  };
}

/** A rejection in the JSON of the documents. */
export const failureDocument = (cause: string): object =>
  cause === 'WalletError'
    ? { status_code: 502, code: 'WALLET_ERROR', message: 'the wallet has not paid: nothing was contributed' }
    : { status_code: FAILURE.statusCode, code: FAILURE.code, message: cause };

/** How long metadata may be as JSON, in UTF-16 units. */
const METADATA_MAX = 16 * 1024;

/** Throws INVALID_ARGUMENT for metadata that is too long. */
export function requireSmall(metadata: unknown, field = 'metadata'): void {
  if (metadata === undefined || metadata === null) return;
  if (JSON.stringify(metadata).length > METADATA_MAX)
    throw invalid(field, `must have at most ${METADATA_MAX} characters`);
}
