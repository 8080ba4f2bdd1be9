/** Registries over the network: found, trusted, logged in to, asked again. And the credentials for them. */
export { createRegistryClients } from './clients.ts';
export type { RegistryClients, RegistryClientsOptions } from './clients.ts';
export { openCredentials } from './credentials.ts';
export type { Credentials } from './credentials.ts';
