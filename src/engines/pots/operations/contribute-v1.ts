import {
  ContributionServiceService,
  type Callback,
  type ContributeByProviderRequest,
  type ContributeToInstanceRequest,
  type ContributeToSourceRequest,
} from '../../../../gen/ts/windfall/pots/v1/contribution.ts';
import { chain } from '../../../kernel/index.ts';
import { write, type Platform } from '../../../platform/index.ts';
import { potsContributing } from '../contribution/contributing.ts';
import type { PotsAnswer } from '../contribution/outcome.ts';
import { prepareContribution, requireOperator, type Asked, type Call } from '../contribution/prepare.ts';
import { requireSmall, resultsOf } from '../contribution/results.ts';
import { settled } from '../wallet/settle.ts';

type Request = ContributeToInstanceRequest | ContributeToSourceRequest | ContributeByProviderRequest;

/** What the three operations of the first version have in common. */
const common = {
  command: ({ keys }: Platform) => potsContributing(keys),
  admit({ metadata, brandId }: Request, { platform, caller }: Pick<Call, 'platform' | 'caller'>) {
    requireSmall(metadata);
    return requireOperator(platform, caller, brandId.split(':')[0]!);
  },
  player: ({ playerId, brandId }: Request) => ({ userId: playerId, brandId: brandId.split(':')[1]! }),
  respond: (answer: PotsAnswer, call: Pick<Call, 'platform' | 'caller'>, request: Request) =>
    chain(settled(answer, call, request.token), (paid) => ({
      result: callbackOf(request) === undefined ? resultsOf(paid, request.metadata)[0] : undefined,
    })),
};

/** Contributes to one instance. */
export const contributeToInstance = write({
  ...common,
  method: ContributionServiceService.contributeToInstance,
  prepare: (request, call) => prepared(request, call, { target: { type: 'instance', id: request.instanceId } }),
});

/** Contributes to the instance behind a source. */
export const contributeToSource = write({
  ...common,
  method: ContributionServiceService.contributeToSource,
  prepare: (request, call) =>
    prepared(request, call, { target: { type: 'source', id: request.sourceId }, segments: request.segments }),
});

/** Contributes for a provider of games. */
export const contributeByProvider = write({
  ...common,
  method: ContributionServiceService.contributeByProvider,
  prepare: (request, call) =>
    prepared(request, call, {
      target: { type: 'instance', id: request.instanceId },
      provider: request.providerId,
      vertical: request.gameCode,
    }),
});

/** A provider's calls have none. */
const callbackOf = (request: Request): Callback | undefined => ('callback' in request ? request.callback : undefined);

interface Own extends Pick<Asked, 'target'> {
  readonly segments?: readonly string[];
  readonly provider?: string;
  readonly vertical?: string;
}

function prepared(request: Request, call: Call, { target, segments = [], provider = '', vertical = '' }: Own) {
  const sourceId = request.gameroundId ?? '';
  const asked: Asked = {
    target,
    segments,
    country: request.playerCountry,
    wager: request.baseWager!,
    field: 'base_wager',
    currency: request.currency,
    key: request.idempotencyKey,
    linked: false,
    callback: callbackOf(request),
    metadata: request.metadata,
    eventMetadata: null,
    noted: { sourceType: sourceId === '' ? '' : 'gameround', sourceId, vertical, provider },
  };
  return prepareContribution(asked, call);
}
