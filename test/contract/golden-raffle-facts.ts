import * as raffles from '../../gen/ts/windfall/facts/v1/raffle.ts';
import type { StoredReward } from '../../gen/ts/windfall/facts/v1/reward.ts';
import * as tickets from '../../gen/ts/windfall/facts/v1/tickets.ts';
import type { Golden } from './golden-facts.ts';

const reward: StoredReward = { kind: 1, asset: 'WINZ', amount: 5n, item: '', quantity: 0n, expiresAfterSeconds: 0n };
const hash = Buffer.from('abcd', 'hex');

export const RAFFLE_GOLDEN: Readonly<Record<string, Golden>> = {
  PoolOpened: {
    message: tickets.PoolOpened,
    data: { definition: 9n, streamName: 'raffle/00', keyId: '1' },
    hex: '08091209726166666c652f30301a0131',
  },
  TicketsSold: {
    message: tickets.TicketsSold,
    data: {
      entry: 11n,
      player: 7n,
      playerHash: hash,
      firstTicket: 3n,
      count: 4n,
      free: 1n,
      freeAsset: 2n,
      paid: 300n,
      paidAsset: 1n,
      poolHash: hash,
      holder: 12n,
      createsHolder: true,
      version: 2n,
      brandId: 1001n,
    },
    hex: '080b10071a02abcd200328043001380240ac0248015202abcd580c6001680270e907',
  },
  RaffleDefinition: {
    message: raffles.RaffleDefinition,
    data: {
      pool: 5n,
      name: 'A raffle',
      ticketAsset: 'WINZ',
      ticketCost: 100n,
      freeAsset: 'TICKET',
      prizes: [{ reward, winners: 3 }],
      onePerPlayer: true,
      maxTickets: 1000n,
      maxPerPlayer: 10n,
      salesStart: 1n,
      salesEnd: 2n,
      drawAt: 3n,
      entropy: 'beacon',
    },
    hex:
      '080512084120726166666c651a0457494e5a20642a065449434b4554320e0a0a0801120457494e5a18051003380140e80748' +
      '0a5001580260036a06626561636f6e',
  },
  RaffleClosed: {
    message: raffles.RaffleClosed,
    data: { beaconChain: 'ab', beaconRound: 1000n, entropy: 'lotto', source: 'Saturday' },
    hex: '0a02616210e8071a056c6f74746f22085361747572646179',
  },
  RaffleDrawn: {
    message: raffles.RaffleDrawn,
    data: {
      version: 2n,
      versionId: 9n,
      streamName: 'raffle/00',
      keyId: '1',
      position: 1n,
      readableSince: 8n,
      entropy: 'beacon',
      seed: 'ef',
      source: 'Saturday',
      beaconChain: 'ab',
      beaconRound: 1000n,
      beaconSignature: 'cd',
      poolHash: hash,
      tickets: 10n,
      prizes: 3,
      onePerPlayer: true,
      winners: [{ ticket: 4n, player: 7n, playerHash: hash, reward, withheld: true }],
      words: 3,
      closedAt: 6n,
      granted: [
        { grant: 1n, player: 7n, kind: 2, item: 'sword', quantity: 1n, expiresAt: 0n, definition: 9n, brand: 0n },
      ],
      configHash: Buffer.alloc(0),
    },
    hex:
      '080210091a09726166666c652f3030220131280130083a06626561636f6e420265664a0853617475726461795202616258e8' +
      '07620263646a02abcd700a78038001018a0116080410071a02abcd220a0801120457494e5a18052801900103980106a20111' +
      '080110071802220573776f726428013809',
  },
  RaffleCancelled: { message: raffles.RaffleCancelled, data: { entries: 3n }, hex: '0803' },
};
