/**
 * What tests need of the machine: programs that are not ours, started for one test and gone after it. Everything
 * that is opened here is disposed with `await using`.
 */
export {
  openCertificateAuthority,
  type CertificateAuthority,
  type Certificate,
} from './peers/certificates.ts';
export { openDockerd, type Dockerd } from './peers/dockerd.ts';
export { openRegistry, type Registry, type RegistryOptions } from './peers/registry.ts';
export { run, succeed, type RunOptions, type RunResult } from './peers/run.ts';
export { temporaryDirectory, unmountBelow, type TemporaryDirectory } from './peers/temporary.ts';
export { requireTools } from './peers/tools.ts';
