import { z } from 'zod';
import { millisOfLocal } from '../../shared/local-time.ts';
import { type Instant, instantOfMillis, isTimeZone } from '../../shared/time.ts';
import asiaPacific from './rates/asia-pacific.json' with { type: 'json' };
import brazil from './rates/brazil.json' with { type: 'json' };
import canada from './rates/canada.json' with { type: 'json' };
import europe from './rates/europe.json' with { type: 'json' };
import europeanUnion from './rates/european-union.json' with { type: 'json' };
import unitedStates from './rates/united-states.json' with { type: 'json' };

const datedRate = z.strictObject({
  /**
   * Half-open calendar days of the tax's zone: `until` is the first day on which the rate no longer
   * applies.
   */
  from: z.iso.date(),
  until: z.iso.date().nullable(),
  rate: z.string().regex(/^0(\.\d*[1-9])?$/, 'an exact decimal below 1 without zeros at its end, for example 0.19'),
  /**
   * Whether a subscription to streamed video is taxed; `undecided` where the law is unclear or
   * another tax applies.
   */
  streaming: z.enum(['taxed', 'not-taxed', 'undecided']).default('taxed'),
});

const areRatesInOrder = (rates: readonly z.infer<typeof datedRate>[]): boolean =>
  rates.every(({ from, until }, index) => {
    const next = rates[index + 1];
    return (until === null || from < until) && (next === undefined || (until !== null && until <= next.from));
  });

const taxEntry = z.strictObject({
  name: z.string().min(1),
  /** The authority that levies the tax. */
  jurisdiction: z.string().min(2),
  /** The registration that a seller needs to charge it; by default the jurisdiction. */
  registration: z.string().min(2).optional(),
  /** The areas whose buyers are charged; by default the jurisdiction. */
  areas: z.array(z.string().min(2)).min(1).optional(),
  /** Time zone whose midnight starts and ends a rate. */
  zone: z.string().refine(isTimeZone, 'an IANA time zone'),
  withinPrice: z.boolean().default(false),
  /** The law or authority. */
  source: z.string().min(1),
  notes: z.string().optional(),
  rates: z.array(datedRate).min(1).refine(areRatesInOrder, 'rates in order of time, half-open, without overlap'),
});

/** One file of rates: its sources, its omissions, and the taxes with their dated rates. */
export const rateFile = z.strictObject({
  area: z.string(),
  source: z.string().min(1),
  /** The day on which the law was checked; later changes are not included. */
  asOf: z.iso.date(),
  notes: z.array(z.string()),
  taxes: z.array(taxEntry).min(1),
});

export type RateInForce = Readonly<Pick<z.infer<typeof datedRate>, 'rate' | 'streaming'>>;

export type Tax = {
  readonly name: string;
  readonly jurisdiction: string;
  readonly registration: string;
  readonly areas: readonly string[];
  readonly withinPrice: boolean;
  readonly rates: readonly (RateInForce & { readonly start: Instant; readonly end: Instant | null })[];
};

const localMidnight = (date: string, zone: string): Instant => instantOfMillis(millisOfLocal(Date.parse(date), zone));

function taxOf({ zone, rates, ...entry }: z.infer<typeof taxEntry>): Tax {
  const { name, jurisdiction, registration = jurisdiction, areas = [jurisdiction], withinPrice } = entry;
  const dated = rates.map(({ from, until, rate, streaming }) => ({
    start: localMidnight(from, zone),
    end: until === null ? null : localMidnight(until, zone),
    rate,
    streaming,
  }));
  return { name, jurisdiction, registration, areas, withinPrice, rates: dated };
}

const files = [europeanUnion, europe, unitedStates, canada, asiaPacific, brazil];

/** Every tax of every file. A file that violates the schema stops the process when it starts. */
const taxes: readonly Tax[] = files.flatMap((file) => rateFile.parse(file).taxes.map(taxOf));

const taxesByArea = Map.groupBy(
  taxes.flatMap((tax) => tax.areas.map((area) => ({ area, tax }))),
  ({ area }) => area,
);

/**
 * The taxes that a buyer in an area (`DE`, `PT-20`, `US-NY`, `CA-QC`) may be charged, in the order
 * of the invoice; none where the table has none.
 */
export const taxesIn = (area: string): readonly Tax[] => taxesByArea.get(area)?.map(({ tax }) => tax) ?? [];

/** The rate of a tax at an instant; undefined before the table begins or after it ends. */
export const rateAt = ({ rates }: Tax, at: Instant): RateInForce | undefined =>
  rates.find(({ start, end }) => start <= at && (end === null || at < end));

const registrations = new Set([
  'EU-OSS',
  ...taxes.map(({ registration }) => registration).filter((registration) => registration !== 'IN-*'),
]);

/**
 * Whether the table has taxes for a registration, so that a misspelt one is refused when a seller
 * is stored. States of India are written like `IN-KA`.
 */
export const isKnownRegistration = (registration: string): boolean => registrations.has(registration) || /^IN-[A-Z]{2}$/.test(registration);
