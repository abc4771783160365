import type { InvoiceTaxResource } from '../../shared/contracts/invoice-resource.ts';
import type { Instant } from '../../shared/time.ts';

/**
 * EN 16931 categories (UNCL5305): S taxed, Z zero rated, E exempt, AE reverse charge, G export of
 * goods, O not subject to tax. The built-in table never returns Z or G: it has no zero-rated
 * streaming service, and a service to a buyer outside the EU is not an export of goods but supplied
 * elsewhere (O). Another provider may return them.
 */
export type TaxCategoryCode = 'S' | 'Z' | 'E' | 'AE' | 'G' | 'O';

/** `fee` is compensation, such as an early-exit fee: not a supply, so outside the scope of tax. */
export type TaxedSupply = 'electronic-service' | 'fee';

export type TaxBehaviour = 'inclusive' | 'exclusive';

/** Minor units after discount; credits are negative. */
export type TaxableLine = { readonly amount: number; readonly supply: TaxedSupply };

export type TaxSeller = {
  /**
   * ISO 3166-1 alpha-2 of the establishment, which decides between a domestic and a cross-border
   * supply.
   */
  readonly country: string;
  readonly vatId: string | null;
  /**
   * Places where the seller must charge tax: `DE`, `EU-OSS`, `US-NY`, `CA`, `CA-QC`, `GB`, `IN-KA`.
   * Without any, no tax is charged.
   */
  readonly registrations: readonly string[];
};

export type TaxBuyer = {
  readonly country: string;
  /** The subdivision part of ISO 3166-2, such as `NY` or `QC`. */
  readonly region: string | null;
  readonly postalCode: string | null;
  /**
   * A valid id of the EU, GB or NO makes the buyer a business; with wrong check digits a consumer.
   */
  readonly vatId: string | null;
  /** The seller holds a certificate of exemption of this buyer. */
  readonly exempt: boolean;
};

export type TaxRequest = {
  readonly lines: readonly TaxableLine[];
  readonly currency: string;
  readonly taxBehaviour: TaxBehaviour;
  readonly seller: TaxSeller;
  readonly buyer: TaxBuyer;
  /** The rates in force at this instant apply. */
  readonly at: Instant;
};

/**
 * Amounts in minor units. `rate` is an exact decimal (`0.19`): the sum of all taxes on the line.
 */
export type TaxedLine = { readonly rate: string; readonly category: TaxCategoryCode; readonly net: number; readonly tax: number };

/**
 * One total for each tax, category and rate (EN 16931 BG-23). Where taxes stack (GST + QST, CGST +
 * SGST), each has its own total on the same `taxable`. `reason` is a stable code and `note` its
 * sentence for the invoice (BT-120); both are null for category S.
 */
export type TaxTotal = InvoiceTaxResource & { readonly category: TaxCategoryCode };

/**
 * Lines in the order of the request. The taxes of the lines and of the totals have the same sum.
 */
export type TaxResult = { readonly lines: readonly TaxedLine[]; readonly totals: readonly TaxTotal[] };

/**
 * Calculates the tax of a whole invoice. Equal requests must give equal results, so that a repeated
 * delivery makes the same invoice. A provider that is unavailable throws, and the event is
 * redelivered.
 */
export type TaxCalculator = { readonly taxOf: (request: TaxRequest) => TaxResult | Promise<TaxResult> };
