import { assess } from './assessment.ts';
import { notCharged, treatmentOf } from './place-of-supply.ts';
import { compensation } from './reasons.ts';
import type { TaxCalculator, TaxedLine, TaxedSupply, TaxRequest, TaxResult } from './tax-calculator.ts';
import { placeOf } from './tax-place.ts';

/** The order of the totals, whatever the order of the lines. */
const supplies: readonly TaxedSupply[] = ['electronic-service', 'fee'];

const treatmentFor = (supply: TaxedSupply, request: TaxRequest) =>
  supply === 'fee' ? notCharged(compensation, placeOf(request.buyer).area) : treatmentOf(request);

/**
 * Tax from the dated rate tables in `rates/`: pure, without any call. A seller without
 * registrations charges no tax (`seller-not-registered`). The lines sum exactly to the totals. US
 * rates are those of the states; local taxes are not in the table.
 */
export const tableTax = {
  taxOf(request: TaxRequest): TaxResult {
    const { lines, taxBehaviour } = request;
    const taxed: (TaxedLine | undefined)[] = lines.map(() => undefined);
    const totals = supplies.flatMap((supply) => {
      const positions = [...lines.keys()].filter((index) => lines[index]?.supply === supply);
      if (positions.length === 0) return [];
      const amounts = positions.map((index) => lines[index]?.amount ?? 0);
      const result = assess(amounts, treatmentFor(supply, request), taxBehaviour);
      positions.forEach((index, order) => {
        taxed[index] = result.lines[order];
      });
      return result.totals;
    });
    return { lines: taxed.filter((line) => line !== undefined), totals };
  },
} satisfies TaxCalculator;
