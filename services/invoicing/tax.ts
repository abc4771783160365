import type { Instant } from '../shared/time.ts';

export type Taxable = {
  /** Minor units a line, credits negative. */
  readonly amounts: readonly number[];
  readonly currency: string;
  readonly taxBehaviour: 'inclusive' | 'exclusive';
  readonly country: string;
  readonly vatId: string | null;
  /** Rates are dated: the ones in force at this instant apply. */
  readonly at: Instant;
};

export type Taxed = {
  /** One a line, in the order asked: the rate as a decimal text and the tax in minor units. */
  readonly lines: readonly { readonly rate: string; readonly tax: number }[];
  /** Why it is so, printed on the invoice. */
  readonly reason: string;
};

/** Works out the tax of a whole invoice. Pure: equal questions get equal answers, so that a repeated delivery makes the same invoice. */
export type TaxCalculator = (asked: Taxable) => Taxed;

/** Where no tax is set up: rate 0, and the invoice says that nobody configured one. */
export const untaxed: TaxCalculator = ({ amounts }) => ({ lines: amounts.map(() => ({ rate: '0', tax: 0 })), reason: 'not-configured' });
