/**
 * The reason for charging no tax: a stable code, and the sentence that the invoice prints (EN 16931
 * BT-120; Directive 2006/112/EC art. 226 no. 11 and 11a).
 */
export type TaxReason = { readonly code: string; readonly note: string };

export const compensation: TaxReason = {
  code: 'compensation',
  note: 'Outside the scope of tax: compensation, not the price of a supply',
};

export const sellerNotRegistered: TaxReason = {
  code: 'seller-not-registered',
  note: 'No tax charged: the seller is not registered for tax at the place of the buyer',
};

export const suppliedOutsideUnion: TaxReason = {
  code: 'place-of-supply-outside-eu',
  note: 'Not subject to EU VAT: place of supply outside the EU, Articles 44 and 58 of Directive 2006/112/EC',
};

export const buyerExempt: TaxReason = { code: 'buyer-exempt', note: 'Exempt: certificate of exemption of the buyer' };

export const supplyNotTaxed: TaxReason = {
  code: 'supply-not-taxed',
  note: 'Not subject to tax: the place of the buyer does not tax this supply',
};

/** The next three reasons need an operator: the table does not contain the tax that is due. */
export const taxabilityUndecided: TaxReason = {
  code: 'taxability-undecided',
  note: 'No tax charged: whether the place of the buyer taxes this supply is not decided in the rate table',
};

export const noRateInTable: TaxReason = {
  code: 'no-rate-in-table',
  note: 'No tax charged: no rate is recorded for the place and the time of supply',
};

export const buyerRegionUnknown: TaxReason = {
  code: 'buyer-region-unknown',
  note: 'No tax charged: the state or province of the buyer is not known',
};

const reverseCharge = (law: string): TaxReason => ({ code: 'reverse-charge', note: `Reverse charge: ${law}` });

export const reverseChargeInUnion = reverseCharge('Articles 44 and 196 of Directive 2006/112/EC');

/**
 * Reverse charge outside the EU: a business accounts for the tax on a service from abroad, by the
 * country of its VAT id.
 */
export const reverseChargeElsewhere: Readonly<Record<string, TaxReason>> = {
  GB: reverseCharge('section 8 of the Value Added Tax Act 1994'),
  NO: reverseCharge('sections 3-30 and 11-3 of the Norwegian VAT Act (merverdiavgiftsloven)'),
};
