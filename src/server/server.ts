import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { pino } from 'pino';
import { createHttpServer } from '#platform/http';
import { openInferencePlugin } from '#protocols/open-inference';
import { authenticator } from './authenticate.ts';
import type { Config } from './config.ts';
import { serverErrors } from './errors.ts';
import { ensureAdmin } from './first-admin.ts';
import { forgetRunningServer, noteRunningServer, refuseSecondServer } from './running-file.ts';
import { serviceToken } from './service-token.ts';
import { PRODUCT, VERSION } from './version.ts';
import { webPage } from './web-page.ts';
import { permissionGate } from './wiring/gate.ts';
import { beat } from './wiring/heartbeat.ts';
import { mlflowProtocol } from './wiring/mlflow.ts';
import { openRooms } from './wiring/rooms.ts';
import { allRoutes } from './wiring/routes.ts';
import { places } from './wiring/whereabouts.ts';

export interface RunningServer {
  /** Address it answers at, without a slash at the end. */
  readonly url: string;
  /** Stops taking requests, lets what runs here end or be taken up by the next server, and closes the database. */
  close(): Promise<void>;
}

export interface ServerWatch {
  /** Told of every address the server comes to answer at. */
  readonly onRoute?: (method: string, url: string) => void;
}

/** What the program reads of itself: a step process is this program again. */
const STEP_PROGRAM = fileURLToPath(new URL('./steps/main.ts', import.meta.url));

/**
 * Starts the server: opens the database, brings its schema up to date, restores endpoints, listens, and takes up the
 * work that an earlier server left.
 *
 * @throws SERVER_ALREADY_RUNNING, SERVER_PORT_TAKEN, SQL_SCHEMA_NEWER
 */
export async function startServer(config: Config, watch: ServerWatch = {}): Promise<RunningServer> {
  refuseSecondServer(config.dataFolder);
  const logger = pino({ level: config.logLevel }, pino.destination({ dest: 2, sync: true }));
  let url = '';
  const token = config.token === undefined ? [] : [{ id: 'token:default', secret: config.token }];
  const service = config.auth === 'basic' ? [{ id: 'token:service', secret: serviceToken(config.dataFolder) }] : [];
  const rooms = await openRooms(config, {
    serverUrl: () => url,
    stepProgram: STEP_PROGRAM,
    logger,
    stepToken: config.token ?? service[0]?.secret,
  });
  if (config.auth === 'basic') await ensureAdmin(rooms.auth, config, logger);
  const authenticate = authenticator({ mode: config.auth, auth: rooms.auth, tokens: [...token, ...service] });
  const startedAtMs = rooms.clock.now();
  const app = await createHttpServer({
    routes: allRoutes(rooms, { startedAtMs, mode: config.auth }),
    plugins: [
      openInferencePlugin(rooms.serving, { serverVersion: VERSION, authenticate }),
      mlflowProtocol(rooms, {
        ...{ authenticate, withUsers: config.auth === 'basic' },
        modelSourcePattern: config.modelSourcePattern,
      }),
      webPage,
    ],
    authenticate,
    onRoute: watch.onRoute,
    gate:
      config.auth === 'basic' ? permissionGate({ auth: rooms.auth, authenticate, places: places(rooms) }) : undefined,
    allowedHosts: config.allowedHosts,
    info: {
      title: PRODUCT,
      version: VERSION,
      description: 'Data, experiments, models, endpoints, monitors and the loop that joins them.',
    },
    logger,
    checkAnswers: config.checkAnswers,
  });
  // Endpoints answer from the first request on; everything else may take up its work while requests come in.
  await rooms.serving.start();
  try {
    await app.listen({ host: config.host, port: config.port });
  } catch (error) {
    await rooms.close();
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    throw serverErrors.SERVER_PORT_TAKEN({ host: config.host, port: config.port });
  }
  const { port } = app.server.address() as AddressInfo;
  url = `http://${config.host.includes(':') ? `[${config.host}]` : config.host}:${port}`;
  noteRunningServer(config.dataFolder, url);
  await rooms.start();
  const heart = beat(rooms);
  return {
    url,
    async close() {
      await app.close();
      await heart.stop();
      await rooms.close();
      forgetRunningServer(config.dataFolder);
    },
  };
}
