import * as config from '../../gen/ts/windfall/facts/v1/pots_config.ts';
import * as wallet from '../../gen/ts/windfall/facts/v1/pots_wallet.ts';
import type { Golden } from './golden-facts.ts';

/** The bytes of the facts of HTTP wallets: see golden-facts.ts. */
export const POTS_WALLET_GOLDEN: Readonly<Record<string, Golden>> = {
  PotsWalletSetV2: {
    message: config.PotsWalletSetV2,
    data: {
      walletType: 'ThrillGate',
      version: 3n,
      url: 'https://wallet.example.com/windfall',
      timeoutMs: 10_000n,
      tries: 3n,
      retryMs: 1000n,
      backOff: 2n,
    },
    hex:
      '0a0a546872696c6c4761746510031a2368747470733a2f2f77616c6c65742e6578616d706c652e636f6d2f77696e6466616c' +
      '6c20904e280330e8073802',
  },
  PotsWalletReserved: {
    message: wallet.PotsWalletReserved,
    data: {
      wallet: 3n,
      player: 300n,
      playerHash: '00112233445566778899aabbccddeeff',
      brand: 1001n,
      country: 'MT',
      wager: 1_000_000n,
      currency: 'EUR',
      asset: 2n,
      clientSeed: 'round-1',
      parts: [
        { instance: 'bdfa6295-d5a5-4c54-98bf-046355ce0252', amount: 300_000n, cause: '' },
        { instance: 'bdfa6295-d5a5-4c54-98bf-046355ce0253', amount: 0n, cause: 'PlayerNotOptedIn' },
      ],
      amount: 300_000n,
      jackpot: 7n,
      sourceType: 'gameround',
      sourceId: 'round-1',
      vertical: 'slots',
      provider: 'p',
      callbackUrl: 'https://hooks.example.com/x',
      winsOnly: true,
      metadata: '{"a":1}',
      source: 'casino',
      eventMetadata: '{"b":2}',
    },
    hex:
      '080310ac021a20303031313232333334343535363637373838393961616262636364646565666620e9072a024d5430c0843d' +
      '3a0345555240024a07726f756e642d31522a0a2462646661363239352d643561352d346335342d393862662d303436333535' +
      '63653032353210e0a71252380a2462646661363239352d643561352d346335342d393862662d303436333535636530323533' +
      '1a10506c617965724e6f744f70746564496e58e0a71260076a0967616d65726f756e647207726f756e642d317a05736c6f74' +
      '73820101708a011b68747470733a2f2f686f6f6b732e6578616d706c652e636f6d2f789001019a01077b2261223a317da201' +
      '06636173696e6faa01077b2262223a327d',
  },
  PotsWalletDebited: { message: wallet.PotsWalletDebited, data: {}, hex: '' },
  PotsWalletContributed: { message: wallet.PotsWalletContributed, data: { owed: 250_000n }, hex: '0890a10f' },
  PotsWalletRejected: {
    message: wallet.PotsWalletRejected,
    data: { cause: 'InsufficientFunds', cancels: true },
    hex: '0a11496e73756666696369656e7446756e64731001',
  },
  PotsWalletCancelled: { message: wallet.PotsWalletCancelled, data: {}, hex: '' },
  PotsWalletCredited: { message: wallet.PotsWalletCredited, data: {}, hex: '' },
  PotsWalletRefused: {
    message: wallet.PotsWalletRefused,
    data: {
      cause: 'PlayerBlocked',
      player: 300n,
      asset: 2n,
      jackpot: 7n,
      owed: 250_000n,
      reason: 3,
      credit: '01890000-0000-7000-8000-000000000001.1',
      gameround: 'x',
    },
    hex:
      '0a0d506c61796572426c6f636b656410ac02180220072890a10f30033a2630313839303030302d303030302d37303030' +
      '2d383030302d3030303030303030303030312e31420178',
  },
  PotsWalletOwed: {
    message: wallet.PotsWalletOwed,
    data: { wallet: 3n, player: 300n, asset: 2n, jackpot: 7n, owed: 250_000n, reason: 0, place: 0, gameround: '' },
    hex: '080310ac02180220072890a10f',
  },
};

/** With fields that were added later. */
export const POTS_WALLET_ADDED: Readonly<Record<string, Golden>> = {
  PotsWalletOwed: {
    message: wallet.PotsWalletOwed,
    data: { wallet: 3n, player: 300n, asset: 2n, jackpot: 7n, owed: 250_000n, reason: 3, place: 2, gameround: 'x' },
    hex: '080310ac02180220072890a10f30033802420178',
  },
};
