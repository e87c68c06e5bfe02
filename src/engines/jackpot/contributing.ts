import { hash as digest } from 'node:crypto';
import type {
  ContributeToJackpotRequest, ContributeToJackpotResponse, ContributionResult, StreamContributionsRequest,
  StreamContributionsResponse,
} from '../../../gen/windfall/jackpot/v1/jackpot.ts';
import type { Catalogue } from '../../catalogue/index.ts';
import {
  callOptions, prepareAll, runInOrder, runOne, runPrepared, type Prepared, type Ready, type Work,
} from '../../journal/index.ts';
import { chain, failureOf, fromNumber, invalid } from '../../kernel/index.ts';
import type { Context } from '../../rpc/index.ts';
import type { Identified } from '../../players/index.ts';
import { answerAhead, type Platform } from '../index.ts';
import { contribute, type ContributeAnswer, type ContributeRequest } from './commands/contribute.ts';
import type { Jackpot } from './definition.ts';
import { contributedMessage } from './mapping.ts';

/** How many items of a stream may be under way, as the contract says: four batches of a lane. */
const AHEAD = 2000;
const CLIENT_SEED_MAX = 64;

/** The three ways to contribute. */
export function contributing(platform: Platform, jackpots: Catalogue<Jackpot>) {
  const workOf = contributionWork(platform, jackpots);
  return {
    contributeToJackpot: async (request: ContributeToJackpotRequest, context: Context): Promise<ContributeToJackpotResponse> =>
      contributedMessage(await runOne(workOf(context), request)),
    batchContribute: async ({ items }: { items: readonly ContributeToJackpotRequest[] }, context: Context) =>
      resultsOf(await runInOrder(workOf(context), items)),
    streamContributions(
      requests: AsyncIterable<StreamContributionsRequest>, context: Context,
    ): AsyncIterable<StreamContributionsResponse> {
      const work = workOf(context);
      return answerAhead({
        requests, atMost: AHEAD,
        sizeOf: ({ items }) => items.length,
        prepare: ({ items }) => prepareAll(work, items),
        answer: async ({ items }, ready: readonly Prepared<ContributeRequest>[]) =>
          resultsOf(await runPrepared(work, items, ready)),
      });
    },
  };
}

function resultsOf(outcomes: readonly PromiseSettledResult<ContributeAnswer>[]): { results: ContributionResult[] } {
  return { results: outcomes.map((outcome) => (outcome.status === 'fulfilled'
    ? { contributed: contributedMessage(outcome.value), failure: undefined }
    : { contributed: undefined, failure: failureOf(outcome.reason) })) };
}

/** How contributions of one caller are made ready and run. */
function contributionWork(
  { journal, identify, requestHash, keys }: Platform, jackpots: Catalogue<Jackpot>,
): (context: Context) => Work<ContributeToJackpotRequest, ContributeRequest, ContributeAnswer> {
  const hash = requestHash('windfall.jackpot.v1.ContributeToJackpotRequest');
  const command = contribute(keys);
  const ready = (
    request: ContributeToJackpotRequest, context: Context, { brandId, player }: Identified, jackpot: Jackpot,
  ): Ready<ContributeRequest> => {
    const amount = fromNumber(request.amount);
    if (amount === undefined) throw invalid('amount', 'must have at most 6 decimals');
    const options = callOptions(context, {
      operation: command.name, brand: brandId, key: request.idempotencyKey, hash: () => hash(request), route: jackpot.id,
      natural: request.sourceWagerId === '' ? undefined
        : { name: `jackpot.contribute/wager/${jackpot.id}`, key: request.sourceWagerId },
    });
    return { options, request: { jackpot, player, amount, clientSeed: clientSeedOf(request) } };
  };
  return (context) => ({
    journal, command,
    prepare: (request, fresh) => chain(identify(request, context.caller), (who) => (
      chain(jackpots.get(context.caller.operator, request.id, fresh), (jackpot) => ready(request, context, who, jackpot)))),
  });
}

/** The caller's part of the randomness: what it calls the wager, else the key. */
function clientSeedOf({ sourceWagerId, idempotencyKey }: ContributeToJackpotRequest): string {
  const seed = sourceWagerId || idempotencyKey;
  return seed.length <= CLIENT_SEED_MAX ? seed : digest('sha256', seed, 'hex');
}
