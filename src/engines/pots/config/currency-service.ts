import { CurrencyServiceService, type Currencies } from '../../../../gen/ts/windfall/pots/v1/currency.ts';
import { ApiError, invalid } from '../../../kernel/index.ts';
import { read, type OperationOf } from '../../../platform/index.ts';
import { addCurrencies, type Tenant } from '../../../tenants/index.ts';
import { ownerName, ownerOf, visibleBrands } from '../owner.ts';
import { configure, pageOptions } from './configure.ts';
import { setCurrencies as store, type Multipliers } from './currencies.ts';
import { PotsCurrency } from './entities.ts';
import { multiplierNumber, multiplierOf, ONE } from './rates.ts';

const { listCurrencies: list, getCurrencies: get, setCurrencies: set } = CurrencyServiceService;

/** Lists the multipliers of the operator and its brands. */
const listCurrencies = read(list, ({ reads, tenants }) => async (page, { caller }) => {
  const { operator: operatorId } = caller;
  const tenant = await tenants.of(operatorId);
  const where = { operatorId, ...visibleBrands(caller) };
  const sort = page.sortField === 'base_currency' ? (['base', 'brandId'] as const) : (['brandId'] as const);
  const rows = await reads((em) => em.find(PotsCurrency, where, pageOptions(page, sort)));
  return { currencies: rows.map((row) => currenciesMessage(row, tenant, row.brandId)) };
});

/** Returns the multipliers that apply to a brand. */
const getCurrencies = read(get, ({ reads, tenants }) => async ({ brandId: ownerId }, { caller }) => {
  const { operator: operatorId } = caller;
  const tenant = await tenants.of(operatorId);
  const brandId = ownerOf(tenant, caller, ownerId);
  const where = { operatorId, brandId: { $in: [0, brandId] } };
  const row = await reads((em) => em.findOne(PotsCurrency, where, { orderBy: { brandId: 'desc' } }));
  if (row === null)
    throw new ApiError('CURRENCIES_NOT_FOUND', 'no multipliers are set', { details: { brand_id: ownerId } });
  return { currencies: currenciesMessage(row, tenant, brandId) };
});

/** Replaces the multipliers of a brand. */
const setCurrencies: OperationOf<typeof set> =
  (platform) =>
  async ({ brandId: ownerId, baseCurrency, multipliers }, { caller }) => {
    const wanted = multipliersOf(baseCurrency, multipliers);
    const brandId = ownerOf(await platform.tenants.of(caller.operator), caller, ownerId);
    try {
      await configure(platform, caller, async (em, author) => {
        await store(em, author, brandId, wanted);
        await addCurrencies(em, author.operator, [...wanted.multipliers.keys()], 'multipliers');
      });
    } finally {
      platform.tenants.changed(caller.operator);
    }
    return { nothing: undefined };
  };

/** The operations of CurrencyService. */
export const currencyOperations = { listCurrencies, getCurrencies, setCurrencies };

const currenciesMessage = ({ base, multipliers }: PotsCurrency, tenant: Tenant, brandId: number): Currencies => ({
  brandId: ownerName(tenant, brandId),
  baseCurrency: base,
  multipliers: new Map(
    Object.entries(multipliers).map(([currency, digits]) => [currency, multiplierNumber(BigInt(digits))]),
  ),
});

/** Throws INVALID_ARGUMENT for multipliers too small for 9 decimals, and a base currency that is not worth 1. */
function multipliersOf(base: string, given: ReadonlyMap<string, number>): Multipliers {
  const multipliers = new Map([[base, ONE]]);
  for (const [currency, number] of given) {
    const multiplier = multiplierOf(number);
    const field = `multipliers[${currency}]`;
    if (multiplier === undefined) throw invalid(field, 'must be one that 9 decimals tell to a millionth of it');
    if (currency === base && multiplier !== ONE) throw invalid(field, 'must be 1: it is the base currency');
    multipliers.set(currency, multiplier);
  }
  return { base, multipliers };
}
