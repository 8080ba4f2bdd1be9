import { conformanceSuite } from './conformance.suite.ts';
import { openOurs } from './ours.ts';

conformanceSuite('our registry', () => openOurs());
