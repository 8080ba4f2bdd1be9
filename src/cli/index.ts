/** The command: words to Engine API calls to rendering. */
export { defineCommand } from './command.ts';
export type { Command, Invocation, Program } from './command.ts';
export { contextName, defaultContext } from './context-name.ts';
export { gantryProgram } from './program-tree.ts';
export { runProgram } from './program.ts';
export { configFile } from './registry-auth.ts';
export { nearest } from './suggest.ts';
export type { CommandIO } from './terminal.ts';
