import {
  ContributionServiceService,
  type ContributeRequest,
} from '../../../../gen/ts/windfall/pots/v1/contribution.ts';
import { chain, invalid } from '../../../kernel/index.ts';
import { write } from '../../../platform/index.ts';
import { potsContributing } from '../contribution/contributing.ts';
import { prepareContribution, requireOperator, type Asked } from '../contribution/prepare.ts';
import { requireSmall, resultsOf } from '../contribution/results.ts';
import { settled } from '../wallet/settle.ts';

/** Contributes to an instance or a source, and to what it is linked to. */
export const contribute = write({
  method: ContributionServiceService.contribute,
  command: ({ keys }) => potsContributing(keys),
  admit({ metadata, eventMetadata, ownerId }, { platform, caller }) {
    requireSmall(metadata);
    requireSmall(eventMetadata, 'event_metadata');
    return requireOperator(platform, caller, ownerId);
  },
  player: ({ player }) => ({ userId: player!.id, brandId: player!.brandId }),
  prepare: (request, call) => prepareContribution(askedOf(request), call),
  respond: (answer, call, { metadata, options, player }) =>
    chain(settled(answer, call, player!.token), (paid) => ({
      results: options?.callback === undefined ? resultsOf(paid, metadata) : [],
    })),
});

function askedOf(request: ContributeRequest): Asked {
  const { target, player, baseWager, source, options, metadata, eventMetadata } = request;
  return {
    target: { type: target!.targetType as Asked['target']['type'], id: target!.id },
    country: player!.country,
    segments: player!.segments,
    wager: baseWager!.value!,
    field: 'base_wager.value',
    currency: baseWager!.currency,
    key: keyOf(request),
    linked: options?.allowLinkedContributions ?? true,
    callback: options?.callback,
    metadata,
    eventMetadata,
    noted: {
      sourceType: source === undefined ? '' : source.sourceType || 'gameround',
      sourceId: source?.id ?? '',
      vertical: options?.verticalId ?? '',
      provider: '',
    },
  };
}

function keyOf({ idempotencyKey, options }: ContributeRequest): string {
  const key = options?.idempotencyKey ?? '';
  if (key !== '' && idempotencyKey !== '' && key !== idempotencyKey)
    throw invalid('options.idempotency_key', 'differs from idempotency_key');
  return key || idempotencyKey;
}
