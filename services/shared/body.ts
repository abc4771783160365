import type { IncomingMessage } from 'node:http';
import getRawBody from 'raw-body';
import { isProblem, type Problem, problem } from './problem.ts';

const mebibyte = 1024 * 1024;

/** The whole body as bytes, or the problem with it. A body above the limit is discarded. */
async function readBytes(request: IncomingMessage, limit: number): Promise<Buffer | Problem> {
  try {
    return await getRawBody(request, { length: request.headers['content-length'] ?? null, limit });
  } catch (error) {
    const type = (error as { type?: string }).type;
    if (type === 'entity.too.large') return problem(413, 'body-too-large', `The request body must not exceed ${limit} bytes.`);
    return problem(400, 'body-unreadable', 'The request body was shorter or longer than its Content-Length.');
  }
}

export type BodyFormat = 'json' | 'form' | 'form-or-json' | 'raw';

const formType = 'application/x-www-form-urlencoded';

/**
 * Reads a body in the format of its route: JSON (any value), an OAuth 2 form (flat texts), one of
 * the two by its media type, or raw bytes.
 */
export async function readBody(request: IncomingMessage, format: BodyFormat, limit = mebibyte): Promise<unknown | Problem> {
  const bytes = await readBytes(request, limit);
  if (isProblem(bytes) || format === 'raw') return bytes;
  const mediaType = (request.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
  if (format === 'form' || (format === 'form-or-json' && mediaType === formType))
    return Object.fromEntries(new URLSearchParams(bytes.toString('utf8')));
  if (bytes.length === 0) return undefined;
  if (mediaType !== '' && mediaType !== 'application/json' && !mediaType.endsWith('+json'))
    return problem(415, 'media-type-unsupported', 'The request body must be sent as application/json.');
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    return problem(400, 'body-unreadable', 'The request body is not valid JSON in UTF-8.');
  }
}
