/** The distribution contract. */
export type * from './registry.ts';
