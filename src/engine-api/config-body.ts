import type { RunConfig } from '#oci';
import type * as wire from '#wire';

const ociFields = [
  'User',
  'ExposedPorts',
  'Env',
  'Entrypoint',
  'Cmd',
  'Volumes',
  'WorkingDir',
  'Labels',
  'StopSignal',
  'ArgsEscaped',
  'Healthcheck',
  'OnBuild',
  'Shell',
] as const;

/** What API 1.50 says of an image's configuration: the specification's fields and Docker's, where they are set. */
export function ociConfig(config: RunConfig): wire.ContainerConfig {
  const present = ociFields.filter((field) => !isEmpty(config[field]));
  return Object.fromEntries(present.map((field) => [field, config[field]]));
}

/** What older versions say: the settings of a container, those that images do not have at their zero values. */
export function legacyConfig(config: RunConfig): wire.ContainerConfig {
  return {
    ...{
      Hostname: '',
      Domainname: '',
      User: '',
      AttachStdin: false,
      AttachStdout: false,
      AttachStderr: false,
    },
    ...{ Tty: false, OpenStdin: false, StdinOnce: false, Env: null, Cmd: null, Image: '', Volumes: null },
    ...{ WorkingDir: '', Entrypoint: null, OnBuild: null, Labels: null },
    ...ociConfig(config),
  };
}

/** Whether Go leaves the value out of its JSON (`omitempty`). */
function isEmpty(value: unknown): boolean {
  if (value === undefined || value === null || value === '' || value === false) return true;
  return typeof value === 'object' && Object.keys(value).length === 0;
}
