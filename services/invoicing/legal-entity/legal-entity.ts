import type { TaxSeller } from '../tax/tax-calculator.ts';

/** A company that sells, with its own invoice numbers and its own tax registrations. */
export type LegalEntity = {
  readonly _id: string;
  readonly name: string;
  readonly address: Readonly<Record<string, string>>;
  readonly country: string;
  readonly vatId: string | null;
  readonly email: string | null;
  /**
   * Places where it must charge tax: `DE`, `EU-OSS`, `US-NY`, `GB`. Without any it charges no tax.
   */
  readonly registrations: readonly string[];
  /** Its invoices are numbered `<prefix>-<year>-<number>`; no two entities share a prefix. */
  readonly numberPrefix: string;
  /** Customers' countries that it sells to, in place of the default entity. */
  readonly countries: readonly string[];
};

/** The seller as it was when an invoice was made. */
export type Seller = Omit<LegalEntity, '_id' | 'countries'> & { readonly id: string };

export const defaultEntityId = 'default';

/** The seller where no entity is stored: unregistered, so that no tax is charged. */
export const unnamedSeller: Seller = {
  id: defaultEntityId,
  name: 'Marquee',
  address: {},
  country: '',
  vatId: null,
  email: null,
  registrations: [],
  numberPrefix: 'MQ',
};

/** The entity that sells to customers of this country: the one that lists it, else `default`. */
export function sellerFor(entities: readonly LegalEntity[], country: string): Seller {
  const entity = entities.find(({ countries }) => countries.includes(country)) ?? entities.find(({ _id }) => _id === defaultEntityId);
  if (entity === undefined) return unnamedSeller;
  const { _id: id, countries: _, ...seller } = entity;
  return { id, ...seller };
}

export const taxSellerOf = ({ country, vatId, registrations }: Seller): TaxSeller => ({ country, vatId, registrations });
