// Stores compiled modules between runs of the tests. Without them each test file would strip the
// types of all modules that it imports.
import { enableCompileCache } from 'node:module';
import { join } from 'node:path';

enableCompileCache(join(import.meta.dirname, '..', '..', '.marquee', 'compiled'));
