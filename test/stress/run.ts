/**
 * Runs a campaign: `npm run campaign` the one of lootboxes, `npm run campaign -- jackpot` that of jackpots,
 * `npm run campaign -- season` that of all engines together, `npm run campaign -- raffle` draws of a large pool,
 * `npm run campaign -- wallets` contributions that a misbehaving wallet pays for,
 * `npm run campaign -- proofs` 20,000 draws of all recipes, verified by every verifier,
 * `npm run campaign -- fuzz` 40,000 requests that are mostly valid, over both faces,
 * `npm run campaign -- bytes` changes of single values and rows, which `verify` must find,
 * `npm run campaign -- tampering` every change of every field of the sample proofs, which no verifier may accept,
 * `npm run campaign -- optins` a file of 1,000,000 opt-ins, `npm run campaign -- pots` that of instances of pots,
 * `npm run campaign -- webhooks` receivers that misbehave.
 */
const CAMPAIGNS: Readonly<Record<string, string>> = {
  lootbox: './kills.campaign.ts',
  jackpot: './jackpot.campaign.ts',
  season: './season.campaign.ts',
  timers: './timers.campaign.ts',
  raffle: './raffle.campaign.ts',
  proofs: './proofs.campaign.ts',
  tampering: '../fairness/tampering.campaign.ts',
  webhooks: './webhooks.campaign.ts',
  wallets: './wallets.campaign.ts',
  optins: './optins.campaign.ts',
  pots: './pots.campaign.ts',
  bytes: './bytes.campaign.ts',
  fuzz: './fuzz.campaign.ts',
};

const [name = 'lootbox'] = process.argv.slice(2);
const file = CAMPAIGNS[name];
if (file === undefined) throw new Error(`there is no campaign ${name}; there are ${Object.keys(CAMPAIGNS).join(', ')}`);
await import(file);
