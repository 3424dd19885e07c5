import { describe, expect, it } from 'vitest';
import { readSettings } from '../src/settings.ts';

describe('the settings', () => {
  it('have defaults for all', () => {
    expect(readSettings({})).toMatchObject({ host: '127.0.0.1', port: 3000, concurrency: 2, lease: '10s', webhookHosts: ['*'], logLevel: 'info' });
    expect(readSettings({}).dataDir).toMatch(/[\\/]\.data$/);
  });

  it('come from the environment', () => {
    const env = { HOST: '::1', PORT: '0', CONCURRENCY: '4', TASK_LEASE: '2s', WEBHOOK_HOSTS: 'a.example, B.example', LOG_LEVEL: 'warn' };
    expect(readSettings(env)).toMatchObject({ host: '::1', port: 0, concurrency: 4, lease: '2s', webhookHosts: ['a.example', 'b.example'], logLevel: 'warn' });
  });

  it.each([
    ['PORT', 'http', 'PORT: expected a whole number from 0 to 65535, received "http"'],
    ['PORT', '65536', 'PORT: expected a whole number from 0 to 65535, received "65536"'],
    ['PORT', '', 'PORT: expected a whole number from 0 to 65535, received ""'],
    ['CONCURRENCY', '0', 'CONCURRENCY: expected a whole number from 1 to 64, received "0"'],
    ['TASK_LEASE', '10 seconds', 'TASK_LEASE: expected'],
    ['BUSY_TIMEOUT', 'soon', 'BUSY_TIMEOUT: expected'],
    ['WEBHOOK_TIMEOUT', '-1s', 'WEBHOOK_TIMEOUT: expected'],
    ['DRAIN_GRACE', '10', 'DRAIN_GRACE: expected'],
    ['LOG_LEVEL', 'loud', 'LOG_LEVEL: expected one of debug, info, warn, error, silent, received "loud"'],
  ])('of a bad %s %s are refused by name', (name, value, message) => {
    expect(() => readSettings({ [name]: value })).toThrow(message);
  });
});
