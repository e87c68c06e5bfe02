import {
  ContributionServiceService,
  type ContributeByProviderRequest,
  type ContributeToInstanceRequest,
  type ContributeToSourceRequest,
} from '../../../../gen/ts/windfall/pots/v1/contribution.ts';
import { write, type Platform } from '../../../platform/index.ts';
import { potsContributing, type PotsAnswer } from '../contribution/contributing.ts';
import { prepareContribution, requireOperator, type Asked, type Call } from '../contribution/prepare.ts';
import { requireSmall, resultsOf } from '../contribution/results.ts';

type Request = ContributeToInstanceRequest | ContributeToSourceRequest | ContributeByProviderRequest;

/** What the three operations of the first version have in common. */
const common = {
  command: ({ keys }: Platform) => potsContributing(keys),
  admit({ metadata, brandId }: Request, { platform, caller }: Pick<Call, 'platform' | 'caller'>) {
    requireSmall(metadata);
    return requireOperator(platform, caller, brandId.split(':')[0]!);
  },
  player: ({ playerId, brandId }: Request) => ({ userId: playerId, brandId: brandId.split(':')[1]! }),
  respond: (answer: PotsAnswer, _: unknown, { metadata }: Request) => ({ result: resultsOf(answer, metadata)[0] }),
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
    wager: request.baseWager,
    field: 'base_wager',
    currency: request.currency,
    key: request.idempotencyKey,
    linked: false,
    noted: { sourceType: sourceId === '' ? '' : 'gameround', sourceId, vertical, provider },
  };
  return prepareContribution(asked, call);
}
