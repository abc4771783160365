import type { Treatment } from './assessment.ts';
import * as reasons from './reasons.ts';
import { rateAt, type Tax, taxesIn } from './table.ts';
import type { TaxRequest } from './tax-calculator.ts';
import { memberStateOf, placeOf, type TaxPlace, taxCountryOf, taxesByRegion } from './tax-place.ts';
import { vatIdOf } from './vat-id.ts';

type Supply = Pick<TaxRequest, 'seller' | 'buyer' | 'at'>;

const isRegisteredInUnion = (registrations: readonly string[]): boolean =>
  registrations.some((registration) => registration === 'EU-OSS' || memberStateOf(registration) !== undefined);

/** Nothing is charged, and the invoice says why. */
export const notCharged = (reason: reasons.TaxReason, jurisdiction: string, category: 'O' | 'AE' = 'O', name = 'VAT'): Treatment => ({
  category,
  reason,
  taxes: [{ name, jurisdiction, rate: '0' }],
  withinPrice: false,
});

/** How an electronic service is taxed at the place of its buyer: to whom it is due, at which rate, or why not. */
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
 * A buyer in the EU (Directive 2006/112/EC). A business of another member state accounts for the tax itself (art. 44, 196), at the state of
 * its VAT id (Regulation 282/2011 art. 22); a business of the seller's own pays the domestic rate. A consumer pays the rate of where they
 * are (art. 58), when the seller is registered there or for the one-stop shop; a seller who is registered at home only is below the
 * threshold of art. 59c, and charges the rate of home.
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

/** A buyer anywhere else: the taxes of the place that the seller is registered for, unless the buyer is a business that accounts for them. */
function outsideUnion({ seller, buyer, at }: Supply, { area, country }: TaxPlace): Treatment {
  const held = country === 'IN' ? indianTaxes(seller.registrations, buyer.region) : taxesHeld(seller.registrations, area);
  if (held.length === 0) return notCharged(whyNothingHeld(seller, area, country), area);
  const businessOf = vatIdOf(buyer.vatId)?.country;
  const reverseCharge = reasons.reverseChargeElsewhere[businessOf ?? ''];
  if (reverseCharge !== undefined && businessOf === area && taxCountryOf(seller.country) !== area)
    return notCharged(reverseCharge, area, 'AE');
  return charged(held, area, at);
}

const taxesHeld = (registrations: readonly string[], area: string): readonly Tax[] =>
  taxesIn(area).filter(({ registration }) => registrations.includes(registration));

/** Within a state the central and the state's tax, half each; from another state or from abroad the integrated one (IGST Act 2017 s. 7 and 8). */
function indianTaxes(registrations: readonly string[], region: string | null): readonly Tax[] {
  const isWithinState = region !== null && registrations.includes(`IN-${region}`);
  const isRegistered = registrations.some((registration) => /^IN(-|$)/.test(registration));
  if (!isRegistered) return [];
  const taxes = taxesIn('IN').filter(({ registration }) => registration === (isWithinState ? 'IN-*' : 'IN'));
  return taxes.map((tax) => (tax.jurisdiction === 'IN-*' ? { ...tax, jurisdiction: `IN-${region}`, name: stateTaxName(region) } : tax));
}

/** Union territories without a legislature levy theirs under an act of the union (UTGST Act 2017); by ISO 3166-2:IN, old codes too. */
const stateTaxName = (region: string | null): string =>
  ['AN', 'CH', 'DD', 'DH', 'DN', 'LA', 'LD'].includes(region ?? '') ? 'UTGST' : 'SGST';

function whyNothingHeld({ country: established, registrations }: Supply['seller'], area: string, country: string): reasons.TaxReason {
  const isRegisteredInCountry = registrations.some((registration) => registration === country || registration.startsWith(`${country}-`));
  if (area === country && taxesByRegion(country) && isRegisteredInCountry) return reasons.buyerRegionUnknown;
  if (registrations.includes(area)) return reasons.noRateInTable;
  const isInUnion = memberStateOf(taxCountryOf(established)) !== undefined && isRegisteredInUnion(registrations);
  return isInUnion ? reasons.suppliedOutsideUnion : reasons.sellerNotRegistered;
}

/** The taxes in force that reach streaming, together; if none does, why. */
function charged(taxes: readonly Tax[], area: string, at: string): Treatment {
  const inForce = taxes.flatMap((tax) => {
    const dated = rateAt(tax, at);
    return dated === undefined ? [] : [{ ...tax, ...dated }];
  });
  const due = inForce.filter(({ streaming }) => streaming === 'taxed');
  const [first] = due;
  if (first === undefined) return notCharged(whyNoneDue(inForce), area, 'O', taxes[0]?.name);
  const applied = due.map(({ name, jurisdiction, rate }) => ({ name, jurisdiction, rate }));
  return { category: 'S', reason: null, taxes: applied, withinPrice: first.withinPrice };
}

function whyNoneDue(inForce: readonly { readonly streaming: string }[]): reasons.TaxReason {
  if (inForce.length === 0) return reasons.noRateInTable;
  return inForce.some(({ streaming }) => streaming === 'undecided') ? reasons.taxabilityUndecided : reasons.supplyNotTaxed;
}
