import * as config from '../../gen/ts/windfall/facts/v1/pots_config.ts';
import type { Golden } from './golden-facts.ts';

/** The bytes of the facts of what operators configure: see golden-facts.ts. */
export const POTS_CONFIG_GOLDEN: Readonly<Record<string, Golden>> = {
  PotsCurrenciesSet: {
    message: config.PotsCurrenciesSet,
    data: { brand: 1001n, base: 'EUR', multipliers: [{ currency: 'SEK', multiplier: 11_680_000_000n }] },
    hex: '08e90712034555521a0b0a0353454b1080d0bac12b',
  },
  PotsRouteChanged: {
    message: config.PotsRouteChanged,
    data: {
      kind: 2,
      brand: 1001n,
      code: 'vip-1',
      name: 'The best',
      priority: 3,
      jackpots: [{ instance: 'bdfa6295-d5a5-4c54-98bf-046355ce0252', priority: 4 }],
      removed: true,
    },
    hex: '080210e9071a057669702d3122085468652062657374280332280a2462646661363239352d643561352d346335342d393862662d30343633353563653032353210043801',
  },
  PotsOperatorChanged: {
    message: config.PotsOperatorChanged,
    data: { brand: 1001n, code: 'main', name: 'Main', enabled: true },
    hex: '08e9071204' + '6d61696e1a044d61696e2001',
  },
  PotsWalletSet: { message: config.PotsWalletSet, data: { walletType: 'InMemory' }, hex: '0a08496e4d656d6f7279' },
};
