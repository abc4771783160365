import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { tryLock } from '../process-lock.ts';

/** Below the ephemeral ports, so that no outgoing connection takes a port before its use. */
const lowest = 10_000;
const count = 22_000;
const given = new Set<number>();
/**
 * Ports that processes of this user have chosen and may open later, or again after a crash. Each
 * has a lock that is held until the process ends; the lock of a killed process is free.
 */
const reservations = join(tmpdir(), `marquee-ports-${process.getuid?.() ?? 'user'}`);
const reserved: { readonly release: () => void }[] = [];

function reserve(port: number): boolean {
  const lock = tryLock(join(reservations, String(port)));
  if (!('release' in lock)) return false;
  reserved.push(lock);
  return true;
}

process.once('exit', () => {
  for (const lock of reserved) lock.release();
});

function canListen(port: number, host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code === 'EAFNOSUPPORT' || error.code === 'EADDRNOTAVAIL'));
    server.listen({ port, host, exclusive: true }, () => server.close(() => resolve(true)));
  });
}

/** True when no process listens on the port, on loopback or on all addresses. */
export async function isFree(port: number): Promise<boolean> {
  for (const host of ['127.0.0.1', '0.0.0.0', '::']) if (!(await canListen(port, host))) return false;
  return true;
}

async function claim(port: number): Promise<boolean> {
  if (given.has(port)) return false;
  given.add(port);
  return isFree(port);
}

/**
 * The preferred port if it is free, else any free one. Never the same port twice in one process,
 * nor in two at the same time.
 */
export async function freePort(preferred?: number): Promise<number> {
  if (preferred !== undefined && (await claim(preferred))) return preferred;
  for (;;) {
    const port = lowest + Math.floor(Math.random() * count);
    if (reserve(port) && (await claim(port))) return port;
  }
}

/** Exactly this port. Throws when it is not a port, or when another process listens on it. */
export async function exactPort(port: number): Promise<number> {
  if (!Number.isInteger(port) || port < 1 || port > 65_535) throw new Error('MARQUEE_PORT must be a whole number from 1 to 65535.');
  if (await claim(port)) return port;
  throw new Error(`Port ${port} (setting MARQUEE_PORT) is in use by another process.`);
}
