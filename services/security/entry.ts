import type { MarqueeEvent } from '../shared/events.ts';
import type { Instant } from '../shared/time.ts';
import { sha256 } from './canonical.ts';

type Detail = string | number | boolean | null | readonly string[];

/** One audit entry. It holds no personal data, so it survives the erasure of a customer. */
export type AuditEntry = {
  /** The id of the event, or a new id for an action of an operator. */
  readonly _id: string;
  /** The domain time of the event; `createdAt` is the time of recording. */
  readonly at: Instant;
  readonly type: string;
  readonly subject: string;
  readonly sequence: number | null;
  readonly customerId: string;
  /** The operator, or null for the platform itself. */
  readonly who: string | null;
  readonly digest: Readonly<Record<string, Detail>>;
  readonly createdAt: Instant;
  /** SHA-256 of all fields above; a later change of a field no longer matches it. */
  readonly hash: string;
};

export type OperatorAction = {
  readonly id: string;
  readonly who: string;
  readonly action: string;
  readonly subject: string;
  readonly customerId: string;
  readonly detail: Readonly<Record<string, Detail>>;
};

const seal = (entry: Omit<AuditEntry, 'hash'>): AuditEntry => ({ ...entry, hash: sha256(entry) });

/** True if the entry is unaltered. */
export const isIntact = ({ hash, ...entry }: AuditEntry): boolean => hash === sha256(entry);

export const entryOfEvent = ({ id, time, type, subject, sequence, customerId, data }: MarqueeEvent, now: Instant): AuditEntry =>
  seal({ _id: id, at: time, type, subject, sequence, customerId, who: null, digest: digestOf(type, data), createdAt: now });

export const entryOfAction = ({ id, who, action, subject, customerId, detail }: OperatorAction, now: Instant): AuditEntry =>
  seal({ _id: id, at: now, type: action, subject, sequence: null, customerId, who, digest: detail, createdAt: now });

/** Fields that describe an event without identifying a person. */
const facts = [
  'status',
  'number',
  'planId',
  'planVersion',
  'quantity',
  'amount',
  'amountDue',
  'amountPaid',
  'total',
  'currency',
  'attempt',
  'category',
  'declineCode',
  'outcome',
  'kind',
  'repair',
  'repairedBy',
  'acceptedBy',
  'scopes',
];

/**
 * The digest of an event: for customers only the names of the changed fields, otherwise a few
 * facts and the SHA-256 of the data.
 */
function digestOf(type: string, data: unknown): AuditEntry['digest'] {
  const fields = fieldsOf(data);
  if (type.startsWith('customer.')) return { changed: changedFields(fields) };
  const noun = { ...fields, ...fieldsOf(fields.subscription) };
  const shown = facts.filter((name) => isDetail(noun[name])).map((name) => [name, noun[name] as Detail] as const);
  return { ...Object.fromEntries(shown), sha256: sha256(data) };
}

function changedFields(data: Readonly<Record<string, unknown>>): readonly string[] {
  if (Array.isArray(data.paymentMethods)) return ['paymentMethods'];
  if (Array.isArray(data.erased)) return data.erased.map(String);
  const previous = fieldsOf(data.previous);
  if (Object.keys(previous).length > 0) return Object.keys(previous);
  return Object.keys(data).filter((name) => data[name] !== null && data[name] !== '');
}

const fieldsOf = (value: unknown): Readonly<Record<string, unknown>> =>
  value !== null && typeof value === 'object' && !Array.isArray(value) ? (value as Record<string, unknown>) : {};

const isDetail = (value: unknown): value is Detail =>
  typeof value === 'number' ||
  (typeof value === 'string' && value.length <= 100) ||
  (Array.isArray(value) && value.every((item) => typeof item === 'string'));
