import { DefinitionNoted } from '../../gen/ts/windfall/facts/v1/facts.ts';
import type { CycleStart } from '../../gen/ts/windfall/facts/v1/jackpot.ts';
import * as ends from '../../gen/ts/windfall/facts/v1/jackpot_ends.ts';
import type { Golden } from './golden-facts.ts';

const hash = Buffer.from('abcd', 'hex');
const start: CycleStart = { value: 100n, dueAt: 9n, terms: '{}', termsFrom: 10n, hiddenFrom: 8n, starts: 0 };
const closed: ends.PotClosed = {
  ending: 20n,
  pot: 5n,
  potCode: 'main',
  cycle: 2n,
  asset: 1n,
  reason: 4,
  value: 140n,
  reserve: 3n,
  sum: 40n,
  point: 39n,
  words: 1,
  streamName: 'pot/00',
  keyId: '1',
  position: 2n,
  readableSince: 8n,
  chain: hash,
  leaf: hash,
  cycleFrom: 11n,
  dueAt: 9n,
  hiddenFrom: 6n,
  hiddenTo: 7n,
  versionId: 10n,
  start,
  fromReserve: 60n,
  fromSurplus: 30n,
  deficit: 10n,
  community: [],
};

export const JACKPOT_ENDS_GOLDEN: Readonly<Record<string, Golden>> = {
  PotClosed: {
    message: ends.PotClosed,
    data: closed,
    hex:
      '081410051a046d61696e200228013004388c0140034828502758016206706f742f30306a013170027808820102abcd8a01' +
      '02abcd90010b980109a00106a80107b0010aba010c086410091a027b7d200a2808c0013cc8011ed0010a',
  },
  PotPaid: {
    message: ends.PotPaid,
    data: {
      closed,
      closedAt: 12n,
      player: 7n,
      playerHash: '00ff',
      contribution: '00000000',
      sumBefore: 30n,
      sumAfter: 40n,
      withheld: true,
      payouts: undefined,
    },
    hex:
      '0a5b081410051a046d61696e200228013004388c0140034828502758016206706f742f30306a013170027808820102abcd' +
      '8a0102abcd90010b980109a00106a80107b0010aba010c086410091a027b7d200a2808c0013cc8011ed0010a100c180722' +
      '04303066662a083030303030303030301e38284001',
  },
  PotEndPlanned: {
    message: ends.PotEndPlanned,
    data: { pot: 5n, cycle: 2n },
    hex: '08051002',
  },
  JackpotEnded: {
    message: ends.JackpotEnded,
    data: { pots: [5n, 6n], leaf: hash },
    hex: '0a0205061202abcd',
  },
  PotEmptied: {
    message: ends.PotEmptied,
    data: { pot: 5n, cycle: 2n, value: 140n, reserve: 3n, surplus: 4n, toPot: 6n, leaf: hash, start },
    hex: '08051002188c012003280430063a02abcd420c086410091a027b7d200a2808',
  },
  PotEndowed: {
    message: ends.PotEndowed,
    data: { pot: 6n, value: 130n, reserve: 13n, surplus: 4n, valueAfter: 230n, fromPot: 5n, leaf: hash },
    hex: '0806108201180d200428e60130053a02abcd',
  },
  PotAdjusted: {
    message: ends.PotAdjusted,
    data: { pot: 5n, value: 6n, reserve: 7n, surplus: 8n, leaf: hash },
    hex: '08051006180720082a02abcd',
  },
  DefinitionNoted: {
    message: DefinitionNoted,
    data: { note: 9, status: 2, version: 3n, reason: 'sorry', subject: '', before: '', after: '' },
    hex: '0809100218032205736f727279',
  },
};
