/**
 * Runs a campaign: `npm run campaign` the one of lootboxes, `npm run campaign -- jackpot` that of jackpots.
 */
const CAMPAIGNS: Readonly<Record<string, string>> = {
  lootbox: './kills.campaign.ts',
  jackpot: './jackpot.campaign.ts',
};

const [name = 'lootbox'] = process.argv.slice(2);
const file = CAMPAIGNS[name];
if (file === undefined) throw new Error(`there is no campaign ${name}; there are ${Object.keys(CAMPAIGNS).join(', ')}`);
await import(file);
