/** HTTP over a registry: the server that docker, podman, skopeo, containerd and others push to and pull from. */
export { openHtpasswd } from './htpasswd.ts';
export { createRegistryServer } from './server.ts';
