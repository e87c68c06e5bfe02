import { ContributionServiceService } from '../../../gen/ts/windfall/pots/v1/contribution.ts';
import { InstanceServiceService } from '../../../gen/ts/windfall/pots/v1/instance.ts';
import { RaffleTicketServiceService } from '../../../gen/ts/windfall/pots/v1/raffle.ts';
import { WithheldWinServiceService } from '../../../gen/ts/windfall/pots/v1/withheld.ts';
import { TemplateServiceService } from '../../../gen/ts/windfall/pots/v1/template.ts';
import { batchOf, streamOf } from '../../platform/index.ts';
import { walletCall } from '../../wallets/index.ts';
import { defineEngine } from '../kit/index.ts';
import { configEntities, configSealed } from './config/entities.ts';
import { configFacts } from './config/facts.ts';
import { configServices } from './config/services.ts';
import { carryOptInsTask } from './carry/task.ts';
import { optInsCarried, optInTransfer, optInTransferBegun, OptInTransferSchema } from './carry/transfer.ts';
import { contributionCallback, potsCalledBack } from './contribution/callback.ts';
import { paySharesTask, sharesPaid } from './community/paying.ts';
import { endInstanceTask } from './end-instance.ts';
import { potsListing, PotsListingSchema } from './entities.ts';
import { communityEvents } from './events/community.ts';
import { optInEvent } from './events/opt-in.ts';
import { raffleEvents } from './events/raffle.ts';
import { updateEvent } from './events/update.ts';
import { winEvents } from './events/win.ts';
import { ticketsEarned } from './raffle/earning.ts';
import { potsTickets, PotsTicketsSchema } from './raffle/entities.ts';
import { potsListed } from './listing.ts';
import { optInSet, optInsSet } from './opted-in.ts';
import { adjustPot, adjustSeed, adjustSurplusSeed } from './operations/adjust-pot.ts';
import { contribute } from './operations/contribute.ts';
import { contributeByProvider, contributeToInstance, contributeToSource } from './operations/contribute-v1.ts';
import { getInstance } from './operations/get-instance.ts';
import { getInstanceForSource } from './operations/get-instance-for-source.ts';
import { getRequiredContribution } from './operations/get-required-contribution.ts';
import { getTemplate } from './operations/get-template.ts';
import { assignBrand, removeBrand } from './operations/instance-brands.ts';
import { countryOperations } from './operations/instance-countries.ts';
import { instantiateTemplate } from './operations/instantiate-template.ts';
import { listInstanceChanges } from './operations/list-instance-changes.ts';
import { listInstances } from './operations/list-instances.ts';
import { listOptIns, listPlayerOptIns } from './operations/list-opt-ins.ts';
import {
  listInstanceTickets,
  listPlayerInstanceTickets,
  listPlayerTickets,
  listRaffleEntries,
} from './operations/list-raffle-tickets.ts';
import { listTemplates } from './operations/list-templates.ts';
import { publishTemplate } from './operations/publish-template.ts';
import { saveTemplate } from './operations/save-template.ts';
import { setInstanceLinks } from './operations/set-instance-links.ts';
import { setInstanceStatus } from './operations/set-instance-status.ts';
import { setOptIn } from './operations/set-opt-in.ts';
import { setOptIns } from './operations/set-opt-ins.ts';
import { transferPots } from './operations/transfer-pots.ts';
import { triggerPot } from './operations/trigger-pot.ts';
import { updateInstance } from './operations/update-instance.ts';
import { uploadOptIns } from './operations/upload-opt-ins.ts';
import { withheldOperations } from './operations/withheld-wins.ts';
import { potsShown } from './showing.ts';
import { tellInstances } from './teller.ts';
import { payoutRejected, payoutReleased } from './settling.ts';
import { templates } from './templates.ts';
import { walletEntities, walletSealed } from './wallet/entities.ts';
import { walletFacts } from './wallet/facts.ts';
import { walletTask } from './wallet/task.ts';

/** How many items of a stream may be in progress, as the contract says: four batches of a lane. */
const AHEAD = 2000;

/** Jackpots with several pots, made from templates: the second face of the jackpot engine. */
export const potsEngine = defineEngine({
  name: 'pots',
  block: 1600,
  service: TemplateServiceService,
  definition: templates,
  operations: {
    listTemplates,
    saveTemplate,
    instantiateTemplate,
    publishTemplate,
    getRequiredContribution,
    getTemplate,
  },
  more: [
    ...configServices,
    {
      service: ContributionServiceService,
      operations: {
        contributeToInstance,
        contributeToSource,
        contributeByProvider,
        contribute,
        batchContribute: batchOf(ContributionServiceService.batchContribute, contribute, 'contributed'),
        streamContributions: streamOf(ContributionServiceService.streamContributions, contribute, 'contributed', AHEAD),
      },
    },
    { service: WithheldWinServiceService, operations: withheldOperations },
    {
      service: InstanceServiceService,
      operations: {
        listInstances,
        adjustPot,
        adjustSeed,
        adjustSurplusSeed,
        transferPots,
        triggerPot,
        assignBrand,
        removeBrand,
        setOptIn,
        setOptIns,
        uploadOptIns,
        listPlayerOptIns,
        listOptIns,
        updateInstance,
        getInstanceForSource,
        getInstance,
        listInstanceChanges,
        ...countryOperations,
        setInstanceLinks,
        setInstanceStatus,
      },
    },
    {
      service: RaffleTicketServiceService,
      operations: { listInstanceTickets, listPlayerInstanceTickets, listPlayerTickets, listRaffleEntries },
    },
  ],
  entities: [PotsListingSchema, PotsTicketsSchema, OptInTransferSchema, ...configEntities, ...walletEntities],
  sealed: [...configSealed, ...walletSealed],
  tables: [potsListing, potsTickets, optInTransfer, walletCall],
  facts: [
    potsListed,
    optInSet,
    optInsSet,
    optInTransferBegun,
    optInsCarried,
    potsCalledBack,
    potsShown,
    ticketsEarned,
    payoutReleased,
    payoutRejected,
    sharesPaid,
    ...configFacts,
    ...walletFacts,
  ],
  events: [updateEvent, optInEvent, ...winEvents, ...raffleEvents, ...communityEvents],
  callbacks: [contributionCallback],
  draws: () => [],
  tasks: [endInstanceTask, carryOptInsTask, paySharesTask, walletTask],
  background: tellInstances,
});
