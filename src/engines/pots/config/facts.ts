import {
  PotsCurrenciesSet,
  PotsOperatorChanged,
  PotsRouteChanged,
  PotsWalletSet,
} from '../../../../gen/ts/windfall/facts/v1/pots_config.ts';
import { defineFact, type FactKind } from '../../../journal/index.ts';

/** A fact of an administrative write. */
const administrative = <Data>(name: string, number: number, codec: FactKind<Data>['codec']): FactKind<Data> =>
  defineFact<Data>({ name, number, version: 1, aggregate: null, codec, evolve: () => undefined });

/** Of the brand with this number; 0: the operator's own. */
export const currenciesSet = administrative('pots.currencies-set', 1610, PotsCurrenciesSet);
export const routeChanged = administrative('pots.route-changed', 1611, PotsRouteChanged);
export const walletSet = administrative('pots.wallet-set', 1612, PotsWalletSet);

/** Of the brand with this number; 0: the operator itself. */
export const operatorChanged = administrative('pots.operator-changed', 1613, PotsOperatorChanged);

export const configFacts = [currenciesSet, routeChanged, walletSet, operatorChanged];
