import { assess } from './assessment.ts';
import { notCharged, treatmentOf } from './place-of-supply.ts';
import { compensation } from './reasons.ts';
import type { TaxCalculator, TaxedLine, TaxedSupply, TaxRequest, TaxResult } from './tax-calculator.ts';
import { placeOf } from './tax-place.ts';

/** Totals come in this order whatever the order of the lines. */
const supplies: readonly TaxedSupply[] = ['electronic-service', 'fee'];

const treatmentFor = (supply: TaxedSupply, question: TaxRequest) =>
  supply === 'fee' ? notCharged(compensation, placeOf(question.buyer).area) : treatmentOf(question);

/**
 * Tax from the dated rate tables in `rates/`: pure, asks nobody. A seller without registrations charges none (`seller-not-registered`).
 * The answer's lines sum exactly to its totals. US rates are the states' own; local taxes are not in the table.
 */
export const tableTax = {
  taxOf(question: TaxRequest): TaxResult {
    const { lines, taxBehaviour } = question;
    const taxed: (TaxedLine | undefined)[] = lines.map(() => undefined);
    const totals = supplies.flatMap((supply) => {
      const places = [...lines.keys()].filter((index) => lines[index]?.supply === supply);
      if (places.length === 0) return [];
      const amounts = places.map((index) => lines[index]?.amount ?? 0);
      const answer = assess(amounts, treatmentFor(supply, question), taxBehaviour);
      places.forEach((index, position) => {
        taxed[index] = answer.lines[position];
      });
      return answer.totals;
    });
    return { lines: taxed.filter((line) => line !== undefined), totals };
  },
} satisfies TaxCalculator;
