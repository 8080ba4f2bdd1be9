import { defineCommand } from '../command.ts';
import { loginServer } from '../login-server.ts';
import { credentialsOf } from '../registry-auth.ts';

export const logout = defineCommand({
  name: 'logout',
  common: 9,
  usage: '[SERVER]',
  short: 'Log out from a registry',
  long: 'Log out from a registry.\nIf no server is specified, it is Docker Hub.',
  examples: ['logout registry.local:5000'],
  flags: {},
  arity: { min: 0, max: 1 },
  async run(invocation) {
    const server = loginServer(invocation.args[0]);
    invocation.io.stdout.write(`Removing login credentials for ${server}\n`);
    await (await credentialsOf(invocation)).erase(server);
    return undefined;
  },
});
