import { hash as digest } from 'node:crypto';
import type { Callback } from '../../../../gen/ts/windfall/pots/v1/contribution.ts';
import { ApiError, chain, nearest, type Caller } from '../../../kernel/index.ts';
import type { AssetNo } from '../../../journal/index.ts';
import type { CallOf, Input, Platform } from '../../../platform/index.ts';
import type { Tenant } from '../../../tenants/index.ts';
import { notFound } from '../../../catalogue/index.ts';
import { requireDestination, type HookSettings } from '../../../webhooks/index.ts';
import { rejected, type Jackpot } from '../../jackpot/index.ts';
import { potsDirectory } from '../config/directory.ts';
import { instances } from '../instances.ts';
import { isVisible } from '../owner.ts';
import { earningsIn } from '../raffle/earning.ts';
import type { CallbackRequest } from './callback.ts';
import { walletFor } from '../wallet/settle.ts';
import { numbersOf } from './new-numbers.ts';
import type { PotsRequest } from './part.ts';
import { barred, takesTime, termsOf, type Terms } from './terms.ts';

/** A contribution as all versions of the documented API tell it. */
export interface Asked {
  readonly target: { readonly type: 'source' | 'instance'; readonly id: string };
  readonly country: string;
  readonly segments: readonly string[];
  readonly wager: number;
  /** The field that the wager is. */
  readonly field: string;
  readonly currency: string;
  readonly key: string;
  readonly linked: boolean;
  readonly noted: PotsRequest['noted'];
  /** Where the results are sent; undefined: nowhere. */
  readonly callback: Callback | undefined;
  readonly metadata: unknown;
  /** What comes with the events of a win. */
  readonly eventMetadata: unknown;
}

type Soon<T> = T | Promise<T>;
/** What a contribution needs of its call. */
export type Call = Pick<CallOf<unknown>, 'platform' | 'caller' | 'who' | 'fresh'>;

/** Text that draws take as it is. */
const CLIENT_SEED = /^[ -~]{1,64}$/;

/** Prepares a contribution for its command. No promise if all that it needs is cached. */
export function prepareContribution(asked: Asked, call: Call): Soon<Input<PotsRequest>> {
  const { platform, caller, who } = call;
  const wager = nearest(asked.wager);
  const directory = potsDirectory(platform);
  return chain(platform.tenants.of(caller.operator), (tenant) =>
    chain(directory.rates(caller.operator, who.brandId), (rates) =>
      chain(targetOf(asked, call), (target) =>
        chain(instancesOf(target, asked, call), (all) =>
          chain(walletFor(platform, caller.operator), (wallet) =>
            chain(earningsIn(platform, caller.operator, all), (earning) =>
              chain(numbersOf(all, platform), (numbers) => ({
                key: asked.key,
                route: target.id,
                request: {
                  rates,
                  wager,
                  wallet,
                  earning,
                  numbers,
                  player: who.player,
                  playerHash: who.publicHash,
                  brand: who.brandId,
                  country: asked.country,
                  currency: asked.currency,
                  asset: assetOf(tenant, asked.currency, target),
                  clientSeed: clientSeedOf(asked),
                  instances: all,
                  noted: asked.noted,
                  told: {
                    source: asked.target.type === 'source' ? asked.target.id : '',
                    metadata: textOf(asked.eventMetadata),
                  },
                  callback: callbackOf(asked, tenant.webhooks),
                },
              })),
            ),
          ),
        ),
      ),
    ),
  );
}

/** The asset that a currency is. Throws CONTRIBUTION_REJECTED if the operator has none. */
function assetOf(tenant: Tenant, currency: string, { code }: Jackpot): AssetNo {
  if (!tenant.hasAsset(currency)) throw rejected(code, 'CurrencyNotSupported');
  return tenant.assetNo(currency);
}

/** The instance that is contributed to. Throws INSTANCE_NOT_FOUND, SOURCE_NOT_FOUND. */
function targetOf({ target: { type, id }, country, segments }: Asked, call: Call): Soon<Jackpot> {
  if (type === 'instance') return instanceOf(id, call);
  const { platform, caller, who } = call;
  return chain(potsDirectory(platform).candidates(caller.operator, who.brandId, id, segments), (codes) => {
    if (codes.length === 0)
      throw new ApiError('SOURCE_NOT_FOUND', 'nothing stands behind the source', { details: { id } });
    if (codes.length === 1) return instanceOf(codes[0]!, call);
    // oxlint-disable-next-line typescript/await-thenable -- each may be a promise or a value
    return Promise.all(codes.map((code) => instanceOf(code, call))).then(
      (all) => all.find((one) => isLikely(termsOf(one), who.brandId, country)) ?? all[0]!,
    );
  });
}

/** Whether an instance takes contributions: by this server's clock, so the command finds out. */
const isLikely = (terms: Terms, brand: number, country: string): boolean =>
  barred(terms, brand, country) === null && takesTime(terms, Date.now() * 1000);

/** The target, and the instances that it is linked to. */
function instancesOf(target: Jackpot, { linked }: Asked, call: Call): Soon<readonly Jackpot[]> {
  const { links } = target.instance!;
  if (!linked || links.length === 0) return [target];
  const found = links.map((code) => instanceOf(code, call));
  if (!found.some((one) => one instanceof Promise)) return [target, ...(found as Jackpot[])];
  // oxlint-disable-next-line typescript/await-thenable -- each may be a promise or a value
  return Promise.all([target, ...found]);
}

function instanceOf(id: string, { platform, caller, fresh }: Call): Soon<Jackpot> {
  const code = id.toLowerCase();
  return chain(platform.definitions.get(instances, caller.operator, code, fresh), (jackpot) => {
    if (jackpot.instance === undefined || !isVisible(caller, Number(jackpot.instance.brand)))
      throw notFound(instances, id);
    return jackpot;
  });
}

/** Throws INVALID_ARGUMENT, WEBHOOK_HOST_NOT_ALLOWED. */
function callbackOf({ callback, field, metadata }: Asked, settings: HookSettings): CallbackRequest | undefined {
  if (callback === undefined) return undefined;
  const path = field === 'base_wager' ? 'callback.web_hook' : 'options.callback.web_hook';
  const { url } = requireDestination(callback.webHook, settings, path);
  return { url: url.href, winsOnly: callback.winResultOnly, metadata: textOf(metadata) };
}

/** As facts have it: JSON; empty for none. */
const textOf = (metadata: unknown): string =>
  metadata === undefined || metadata === null ? '' : JSON.stringify(metadata);

/** The caller's part of the randomness: the id of what caused the contribution, otherwise the key. */
function clientSeedOf({ noted: { sourceId }, key }: Asked): string {
  const seed = sourceId || key;
  return seed === '' || CLIENT_SEED.test(seed) ? seed : digest('sha256', seed, 'hex');
}

/** Throws OPERATOR_NOT_FOUND if a request names another operator. */
export function requireOperator({ tenants }: Platform, { operator }: Caller, name: string): Soon<void> {
  return chain(tenants.of(operator), (tenant) => {
    if (tenant.name !== name)
      throw new ApiError('OPERATOR_NOT_FOUND', 'no such operator', { details: { owner_id: name } });
  });
}
