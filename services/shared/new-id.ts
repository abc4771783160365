import { randomUUID } from 'node:crypto';
import type { Prefix } from './ids.ts';

/** An id nobody has yet, for what nothing derives its id from. */
export const newId = (prefix: Prefix): string => `${prefix}_${randomUUID().replaceAll('-', '').slice(0, 24)}`;
