import { type AuditEntry, isIntact } from './entry.ts';

export type Verification = {
  readonly checked: number;
  /** The number of altered entries; `altered` holds the first of their ids. */
  readonly alteredCount: number;
  readonly altered: readonly string[];
  /** Event ids that are missing between the first and the last of their subject. */
  readonly missing: readonly string[];
};

const maxIds = 1_000;

/**
 * Checks each entry against its hash. With `complete` (all entries of one subject), it also returns
 * the gaps in the sequence, which reveal removed entries.
 */
export async function verify(entries: AsyncIterable<AuditEntry>, complete: boolean): Promise<Verification> {
  let checked = 0;
  let alteredCount = 0;
  const altered: string[] = [];
  const sequences = new Set<number>();
  let subject = '';
  for await (const entry of entries) {
    checked += 1;
    if (!isIntact(entry)) {
      alteredCount += 1;
      if (altered.length < maxIds) altered.push(entry._id);
    }
    if (!complete || entry.sequence === null) continue;
    sequences.add(entry.sequence);
    subject = entry.subject;
  }
  return { checked, alteredCount, altered, missing: gapsIn(sequences).map((sequence) => `${subject}:${sequence}`) };
}

function gapsIn(sequences: ReadonlySet<number>): readonly number[] {
  const ordered = [...sequences].sort((a, b) => a - b);
  const gaps: number[] = [];
  for (const [index, sequence] of ordered.entries()) {
    const next = ordered[index + 1] ?? sequence;
    for (let left = sequence + 1; left < next && gaps.length < maxIds; left++) gaps.push(left);
  }
  return gaps;
}
