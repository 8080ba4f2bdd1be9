import { absentRoutes } from './absent.ts';
import { containerRoutes } from './containers.ts';
import { distributionRoutes } from './distribution.ts';
import { eventRoutes } from './events.ts';
import { fsckRoutes } from './fsck.ts';
import { gcRoutes } from './gc.ts';
import { imageTransferRoutes } from './image-transfer.ts';
import { imageRoutes } from './images.ts';
import { loginRoutes } from './login.ts';
import { networkRoutes } from './networks.ts';
import { pingRoutes } from './ping.ts';
import type { Route } from './router.ts';
import { searchRoutes } from './search.ts';
import { systemRoutes } from './system.ts';

/** Every route of the API. The first that fits is taken, so a plain path stands before one with a name. */
export const routes: readonly Route[] = [
  ...pingRoutes,
  ...searchRoutes,
  ...imageTransferRoutes,
  ...imageRoutes,
  ...systemRoutes,
  ...fsckRoutes,
  ...gcRoutes,
  ...eventRoutes,
  ...loginRoutes,
  ...distributionRoutes,
  ...networkRoutes,
  ...containerRoutes,
  ...absentRoutes,
];
