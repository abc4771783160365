import { tableTax } from '../../services/invoicing/tax/table-tax.ts';
import type { TaxBuyer, TaxRequest, TaxSeller } from '../../services/invoicing/tax/tax-calculator.ts';

/**
 * The differences of a test from a request with a German seller in the one-stop shop and a German
 * consumer.
 */
export type TaxRequestChanges = {
  readonly amounts?: readonly number[];
  readonly fees?: readonly number[];
  readonly taxBehaviour?: TaxRequest['taxBehaviour'];
  readonly seller?: Partial<TaxSeller>;
  readonly buyer?: Partial<TaxBuyer>;
  readonly at?: string;
};

export const taxRequest = ({
  amounts = [1000],
  fees = [],
  taxBehaviour = 'exclusive',
  seller,
  buyer,
  at,
}: TaxRequestChanges): TaxRequest => ({
  lines: [
    ...amounts.map((amount) => ({ amount, supply: 'electronic-service' }) as const),
    ...fees.map((amount) => ({ amount, supply: 'fee' }) as const),
  ],
  currency: 'EUR',
  taxBehaviour,
  seller: { country: 'DE', vatId: 'DE136695976', registrations: ['DE', 'EU-OSS'], ...seller },
  buyer: { country: 'DE', region: null, postalCode: null, vatId: null, exempt: false, ...buyer },
  at: at ?? '2026-03-01T12:00:00.000Z',
});

export const taxed = (changes: TaxRequestChanges) => tableTax.taxOf(taxRequest(changes));
