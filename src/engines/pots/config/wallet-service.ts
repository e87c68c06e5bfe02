import { WalletServiceService } from '../../../../gen/ts/windfall/pots/v1/wallet.ts';
import { recordFact } from '../../../journal/index.ts';
import { invalid } from '../../../kernel/index.ts';
import { read, type OperationOf } from '../../../platform/index.ts';
import { configure } from './configure.ts';
import { PotsWallet } from './entities.ts';
import { walletSet } from './facts.ts';

const service = WalletServiceService;

/** The built-in ledger. */
const BUILT_IN = 'InMemory';

/** Returns the wallet. */
const getWalletConfiguration = read(service.getWalletConfiguration, ({ reads }) => async (_, { caller }) => {
  const row = await reads((em) => em.findOne(PotsWallet, { operatorId: caller.operator }));
  return { wallet: { walletType: row?.walletType ?? BUILT_IN, config: null } };
});

/** Sets the wallet. */
const setWalletConfiguration: OperationOf<typeof service.setWalletConfiguration> =
  (platform) =>
  async ({ walletType, config }, { caller }) => {
    if (!isNothing(config)) throw invalid('config', `must be null: ${walletType} has no settings`);
    await configure(platform, caller, async (em, author) => {
      const { operator: operatorId } = author;
      const before = await em.findOne(PotsWallet, { operatorId });
      if (before?.walletType === walletType) return;
      await em.upsert(PotsWallet, { operatorId, walletType });
      await recordFact(em, { ...author, kind: walletSet, id: 0, data: { walletType }, keys: [] });
    });
    return { nothing: undefined };
  };

const isNothing = (config: unknown): boolean =>
  config === undefined ||
  config === null ||
  (typeof config === 'object' && !Array.isArray(config) && Object.keys(config).length === 0);

/** The operations of WalletService. */
export const walletOperations = { getWalletConfiguration, setWalletConfiguration };
