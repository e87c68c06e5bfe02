/** What HTTP wallets owe to players, whichever engine has them pay. */
export { chosenWallets } from './chosen.ts';
export {
  owedReason,
  PotsWallet,
  PotsWalletSchema,
  sealedWallet,
  walletCall,
  WalletCallSchema,
  walletState,
  type WalletCallRow,
} from './entities.ts';
export { creditedByWallet, gained, owingFor, WALLET_TASK, walletOwed, type Owing } from './owing.ts';
