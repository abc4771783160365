import type { InvoiceTaxResource } from '../../shared/contracts/invoice-resource.ts';
import type { Instant } from '../../shared/time.ts';

/**
 * EN 16931 categories (UNCL5305): S taxed, Z zero rated, E exempt, AE reverse charge, G export of goods, O not subject to tax.
 * The table never answers Z or G: no streaming service is zero rated in it, and a service to a buyer outside the EU is no export of goods
 * but supplied elsewhere (O). A provider in its place may.
 */
export type TaxCategoryCode = 'S' | 'Z' | 'E' | 'AE' | 'G' | 'O';

/** `fee` is compensation (a late payment fee): no supply, so outside the scope of tax. */
export type TaxedSupply = 'electronic-service' | 'fee';

export type TaxBehaviour = 'inclusive' | 'exclusive';

/** Minor units after discount; credits are negative. */
export type TaxableLine = { readonly amount: number; readonly supply: TaxedSupply };

export type TaxSeller = {
  /** ISO 3166-1 alpha-2 of the establishment, which decides between a domestic and a cross-border supply. */
  readonly country: string;
  readonly vatId: string | null;
  /** Where the seller must charge tax: `DE`, `EU-OSS`, `US-NY`, `CA`, `CA-QC`, `GB`, `IN-KA`. None means that no tax is charged. */
  readonly registrations: readonly string[];
};

export type TaxBuyer = {
  readonly country: string;
  /** The subdivision part of ISO 3166-2, such as `NY` or `QC`. */
  readonly region: string | null;
  readonly postalCode: string | null;
  /** A valid EU, GB or NO one makes the buyer a business; one that fails its check digits makes a consumer of them. */
  readonly vatId: string | null;
  /** The seller holds a certificate of exemption. */
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

/** `rate` is an exact decimal (`0.19`): of all taxes on the line together, where several stack. Minor units. */
export type TaxedLine = { readonly rate: string; readonly category: TaxCategoryCode; readonly net: number; readonly tax: number };

/**
 * One a tax, category and rate (EN 16931 BG-23). Where taxes stack (GST + QST, CGST + SGST) each has its own total on the same `taxable`.
 * `reason` is a stable kebab-case code and `note` its sentence for the invoice (BT-120); both are null for category S.
 */
export type TaxTotal = InvoiceTaxResource & { readonly category: TaxCategoryCode };

/** Lines in the order asked; the tax of the lines and of the totals sum to the same. */
export type TaxResult = { readonly lines: readonly TaxedLine[]; readonly totals: readonly TaxTotal[] };

/**
 * Works out the tax of a whole invoice. Equal questions must get equal answers, so that a repeated delivery makes the same invoice;
 * a provider that cannot answer throws, and the delivery is tried again.
 */
export type TaxCalculator = { readonly taxOf: (question: TaxRequest) => TaxResult | Promise<TaxResult> };
