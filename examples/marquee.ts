import { readFileSync } from 'node:fs';

type Problem = { readonly code?: string; readonly detail?: string };

/** A problem with which Marquee responded (RFC 9457): `code` is stable, `message` is for people. */
export class MarqueeProblem extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, problem: Problem) {
    super(problem.detail ?? `Marquee responded with status ${status}.`);
    this.status = status;
    this.code = problem.code ?? 'unknown';
  }
}

export type Marquee = {
  readonly get: <Resource>(path: string) => Promise<Resource>;
  readonly post: <Resource>(path: string, body: object) => Promise<Resource>;
};

/**
 * Calls the API at `url` with an access token or API key. Each call returns the resource or throws
 * a `MarqueeProblem`.
 */
export function marqueeAt(url: string, key: string): Marquee {
  const call = async <Resource>(method: string, path: string, body?: object): Promise<Resource> => {
    const response = await fetch(url + path, {
      method,
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      ...(body && { body: JSON.stringify(body) }),
    });
    const resource = await response.json();
    if (!response.ok) throw new MarqueeProblem(response.status, resource as Problem);
    return resource as Resource;
  };
  return { get: (path) => call('GET', path), post: (path, body) => call('POST', path, body) };
}

/**
 * The Marquee that `MARQUEE_URL` and `MARQUEE_API_KEY` name, or else the one that `npm start` runs
 * in this folder.
 */
export function connect(): Marquee {
  const { MARQUEE_URL, MARQUEE_API_KEY } = process.env;
  if (MARQUEE_URL && MARQUEE_API_KEY) return marqueeAt(MARQUEE_URL, MARQUEE_API_KEY);
  const { url, key } = JSON.parse(readFileSync('.marquee/local.json', 'utf8'));
  return marqueeAt(url, key);
}
