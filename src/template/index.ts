/** Go's text/template with the functions of the docker command, and Go's printing of values. */
export { parseTemplate } from './template.ts';
export type { Template } from './template.ts';
export type { ExecuteOptions } from './evaluate.ts';
export { headerFunctions } from './functions.ts';
export { sprintf } from './printf.ts';
export { withTypeName } from './value.ts';
