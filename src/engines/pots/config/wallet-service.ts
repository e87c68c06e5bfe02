import type { EntityManager } from '@mikro-orm/postgresql';
import { WalletServiceService } from '../../../../gen/ts/windfall/pots/v1/wallet.ts';
import { recordFact, sealRow } from '../../../journal/index.ts';
import { chain, invalid, type OperatorNo } from '../../../kernel/index.ts';
import { read, type OperationOf, type Platform } from '../../../platform/index.ts';
import { chosenWallets, PotsWallet, sealedWallet } from '../../../wallets/index.ts';
import { requireDestination } from '../../../webhooks/index.ts';
import { PotsWalletVersion, sealedVersion } from '../wallet/entities.ts';
import { seal, unseal } from '../wallet/secret.ts';
import { walletConfig, walletInput, type WalletInput } from '../wallet/settings.ts';
import { secretPlace } from '../wallet/versions.ts';
import { configure } from './configure.ts';
import { walletSet } from './facts.ts';

const service = WalletServiceService;

/** The built-in ledger. */
const BUILT_IN = 'InMemory';
const NO_SETTINGS = { version: 0, url: '', timeoutMs: 0, tries: 0, retryMs: 0, backOff: 0 };

/** Returns the wallet. */
const getWalletConfiguration = read(service.getWalletConfiguration, ({ reads }) => async (_, { caller }) => {
  const { operator: operatorId } = caller;
  const found = await reads(async (em) => {
    const row = await em.findOne(PotsWallet, { operatorId });
    return row === null ? null : { row, settings: await settingsOf(em, operatorId, row.version) };
  });
  const { row, settings = null } = found ?? {};
  const config = settings === null ? null : walletConfig(settings);
  return { wallet: { walletType: row?.walletType ?? BUILT_IN, config } };
});

const settingsOf = (em: EntityManager, operatorId: OperatorNo, version: number): Promise<PotsWalletVersion | null> =>
  em.findOne(PotsWalletVersion, { operatorId, version });

/** Sets the wallet. */
const setWalletConfiguration: OperationOf<typeof service.setWalletConfiguration> =
  (platform) =>
  async ({ walletType, config }, { caller }) => {
    if (walletType === BUILT_IN && !isNothing(config))
      throw invalid('config', `must be null: ${walletType} has no settings`);
    const input = walletType === BUILT_IN ? null : await checkedInput(platform, caller.operator, config);
    const setting = configure(platform, caller, async (em, author) => {
      const { operator: operatorId } = author;
      const before = await em.findOne(PotsWallet, { operatorId });
      if (input === null && (before?.walletType ?? BUILT_IN) === walletType && before !== null) return;
      const settings = input === null ? NO_SETTINGS : await newVersion(em, platform, operatorId, before, input);
      const { version } = settings;
      await em.upsert(PotsWallet, { operatorId, walletType, version });
      await sealRow(em, sealedWallet, operatorId);
      const data = {
        walletType,
        url: settings.url,
        version: BigInt(version),
        timeoutMs: BigInt(settings.timeoutMs),
        tries: BigInt(settings.tries),
        retryMs: BigInt(settings.retryMs),
        backOff: BigInt(settings.backOff),
      };
      await recordFact(em, { ...author, kind: walletSet, id: 0, data, keys: [] });
    });
    // Also if it seems to have failed: it may have been committed.
    await setting.finally(() => chosenWallets(platform).clear());
    return { nothing: undefined };
  };

/** Throws INVALID_ARGUMENT, WEBHOOK_HOST_NOT_ALLOWED. */
async function checkedInput({ tenants }: Platform, operator: OperatorNo, config: unknown): Promise<WalletInput> {
  const input = walletInput(config);
  const { webhooks } = await chain(tenants.of(operator), (tenant) => tenant);
  const { url } = requireDestination(input.url, webhooks, 'config.url');
  if (url.search !== '') throw invalid('config.url', 'must have no query');
  return { ...input, url: url.href.replace(/\/$/, '') };
}

/** Stores settings as a version of their own: what was begun with the ones before is finished with them. */
async function newVersion(
  em: EntityManager,
  { webhookKeys }: Platform,
  operatorId: OperatorNo,
  before: PotsWallet | null,
  { secret: given, ...settings }: WalletInput,
) {
  const [last] = await em.find(PotsWalletVersion, { operatorId }, { orderBy: { version: 'desc' }, limit: 1 });
  const secret = given ?? keptSecret(webhookKeys, operatorId, before, last, settings.url);
  const version = (last?.version ?? 0) + 1;
  const sealed = seal(webhookKeys, secret, secretPlace(operatorId, version));
  em.create(PotsWalletVersion, { operatorId, version, ...settings, secret: sealed });
  await em.flush();
  await sealRow(em, sealedVersion, operatorId, version);
  return { version, ...settings };
}

/** The secret that remains. Throws INVALID_ARGUMENT if none was set, or if it was set for another URL. */
function keptSecret(
  keys: Platform['webhookKeys'],
  operator: OperatorNo,
  before: PotsWallet | null,
  last: PotsWalletVersion | undefined,
  url: string,
): string {
  if (last === undefined || before?.version !== last.version || last.url !== url)
    throw invalid('config.secret', 'must be set with a new URL');
  return unseal(keys, last.secret, secretPlace(operator, last.version));
}

const isNothing = (config: unknown): boolean =>
  config === undefined ||
  config === null ||
  (typeof config === 'object' && !Array.isArray(config) && Object.keys(config).length === 0);

/** The operations of WalletService. */
export const walletOperations = { getWalletConfiguration, setWalletConfiguration };
