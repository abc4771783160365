import type { Treatment } from './assessment.ts';
import * as reasons from './reasons.ts';
import { rateAt, type Tax, taxesIn } from './table.ts';
import type { TaxRequest } from './tax-calculator.ts';
import { memberStateOf, placeOf, type TaxPlace, taxCountryOf, taxesByRegion } from './tax-place.ts';
import { vatIdOf } from './vat-id.ts';

type Supply = Pick<TaxRequest, 'seller' | 'buyer' | 'at'>;

const isRegisteredInUnion = (registrations: readonly string[]): boolean =>
  registrations.some((registration) => registration === 'EU-OSS' || memberStateOf(registration) !== undefined);

/** The treatment without tax, with the reason that the invoice prints. */
export const notCharged = (reason: reasons.TaxReason, jurisdiction: string, category: 'O' | 'AE' = 'O', name = 'VAT'): Treatment => ({
  category,
  reason,
  taxes: [{ name, jurisdiction, rate: '0' }],
  withinPrice: false,
});

/**
 * The taxation of an electronic service at the place of its buyer: jurisdiction and rate, or the
 * reason for none.
 */
export function treatmentOf(supply: Supply): Treatment {
  const place = placeOf(supply.buyer);
  const treatment = memberStateOf(place.area) === undefined ? outsideUnion(supply, place) : inUnion(supply, place);
  return supply.buyer.exempt && treatment.category === 'S' ? exempted(treatment) : treatment;
}

const exempted = ({ taxes, withinPrice }: Treatment): Treatment => ({
  category: 'E',
  reason: reasons.buyerExempt,
  taxes: taxes.map((tax) => ({ ...tax, rate: '0' })),
  withinPrice,
});

/**
 * A buyer in the EU (Directive 2006/112/EC). A business of another member state accounts for the
 * tax itself (art. 44, 196), in the state of its VAT id (Regulation 282/2011 art. 22); a business
 * of the seller's own state pays the domestic rate. A consumer pays the rate of their place (art.
 * 58) when the seller is registered there or in the one-stop shop. A seller who is registered only
 * at home is below the threshold of art. 59c and charges the rate of home.
 */
function inUnion({ seller, buyer, at }: Supply, { area }: TaxPlace): Treatment {
  const { registrations } = seller;
  const home = taxCountryOf(seller.country);
  const state = memberStateOf(area) ?? area;
  if (!isRegisteredInUnion(registrations)) return notCharged(reasons.sellerNotRegistered, area);
  const businessOf = memberStateOf(vatIdOf(buyer.vatId)?.country ?? '');
  if (businessOf !== undefined && businessOf !== home) return notCharged(reasons.reverseChargeInUnion, businessOf, 'AE');
  const taxedState = businessOf ?? state;
  const taxedArea = taxedState === state ? area : taxedState;
  if (registrations.includes('EU-OSS') || registrations.includes(taxedState)) return charged(taxesIn(taxedArea), taxedArea, at);
  if (memberStateOf(home) !== undefined && registrations.includes(home)) return charged(taxesIn(home), home, at);
  return notCharged(reasons.sellerNotRegistered, area);
}

/**
 * A buyer anywhere else: the taxes of the place that the seller is registered for, unless the buyer
 * is a business that accounts for them.
 */
function outsideUnion({ seller, buyer, at }: Supply, { area, country }: TaxPlace): Treatment {
  const held = country === 'IN' ? indianTaxes(seller.registrations, buyer.region) : taxesHeld(seller.registrations, area);
  if (held.length === 0) return notCharged(noRegistrationReason(seller, area, country), area);
  const businessOf = vatIdOf(buyer.vatId)?.country;
  const reverseCharge = reasons.reverseChargeElsewhere[businessOf ?? ''];
  if (reverseCharge !== undefined && businessOf === area && taxCountryOf(seller.country) !== area)
    return notCharged(reverseCharge, area, 'AE');
  return charged(held, area, at);
}

const taxesHeld = (registrations: readonly string[], area: string): readonly Tax[] =>
  taxesIn(area).filter(({ registration }) => registrations.includes(registration));

/**
 * Within a state the central and the state tax, half each; from another state or from abroad the
 * integrated tax (IGST Act 2017 s. 7 and 8).
 */
function indianTaxes(registrations: readonly string[], region: string | null): readonly Tax[] {
  const isWithinState = region !== null && registrations.includes(`IN-${region}`);
  const isRegistered = registrations.some((registration) => /^IN(-|$)/.test(registration));
  if (!isRegistered) return [];
  const taxes = taxesIn('IN').filter(({ registration }) => registration === (isWithinState ? 'IN-*' : 'IN'));
  return taxes.map((tax) => (tax.jurisdiction === 'IN-*' ? { ...tax, jurisdiction: `IN-${region}`, name: stateTaxName(region) } : tax));
}

/**
 * Union territories without a legislature levy their tax under an act of the union (UTGST Act
 * 2017). ISO 3166-2:IN codes, with former ones.
 */
const stateTaxName = (region: string | null): string =>
  ['AN', 'CH', 'DD', 'DH', 'DN', 'LA', 'LD'].includes(region ?? '') ? 'UTGST' : 'SGST';

function noRegistrationReason({ country: established, registrations }: Supply['seller'], area: string, country: string): reasons.TaxReason {
  const isRegisteredInCountry = registrations.some((registration) => registration === country || registration.startsWith(`${country}-`));
  if (area === country && taxesByRegion(country) && isRegisteredInCountry) return reasons.buyerRegionUnknown;
  if (registrations.includes(area)) return reasons.noRateInTable;
  const isInUnion = memberStateOf(taxCountryOf(established)) !== undefined && isRegisteredInUnion(registrations);
  return isInUnion ? reasons.suppliedOutsideUnion : reasons.sellerNotRegistered;
}

/** The taxes in force that apply to streaming; where none applies, the reason. */
function charged(taxes: readonly Tax[], area: string, at: string): Treatment {
  const inForce = taxes.flatMap((tax) => {
    const dated = rateAt(tax, at);
    return dated === undefined ? [] : [{ ...tax, ...dated }];
  });
  const due = inForce.filter(({ streaming }) => streaming === 'taxed');
  const [first] = due;
  if (first === undefined) return notCharged(noTaxReason(inForce), area, 'O', taxes[0]?.name);
  const applied = due.map(({ name, jurisdiction, rate }) => ({ name, jurisdiction, rate }));
  return { category: 'S', reason: null, taxes: applied, withinPrice: first.withinPrice };
}

function noTaxReason(inForce: readonly { readonly streaming: string }[]): reasons.TaxReason {
  if (inForce.length === 0) return reasons.noRateInTable;
  return inForce.some(({ streaming }) => streaming === 'undecided') ? reasons.taxabilityUndecided : reasons.supplyNotTaxed;
}
