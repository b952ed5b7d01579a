import type { Logger } from 'pino';
import type { Auth } from '#platform/auth';
import type { Config } from './config.ts';
import { serverErrors } from './errors.ts';

/** MLflow's own first password, known to everybody. */
const WELL_KNOWN = 'password1234';
const ACTOR = 'trimtab:first-start';

/**
 * Makes the first administrator of a server with users. The well-known password of MLflow is good only as long as
 * nobody beyond this machine can try it.
 *
 * @throws SERVER_ADMIN_PASSWORD_MISSING, SERVER_ADMIN_PASSWORD_KNOWN
 */
export async function ensureAdmin(auth: Auth, config: Config, logger: Logger): Promise<void> {
  const { name, password } = config.firstAdmin;
  if (await auth.hasUsers()) {
    if (config.loopback || config.insecure || !(await stillWellKnown(auth, name))) return;
    throw serverErrors.SERVER_ADMIN_PASSWORD_KNOWN({ user: name });
  }
  if (!config.loopback && !config.insecure && (password === undefined || password === WELL_KNOWN)) {
    throw serverErrors.SERVER_ADMIN_PASSWORD_MISSING({ host: config.host });
  }
  await auth.ensureUser({ name, password: password ?? WELL_KNOWN, isAdmin: true }, ACTOR);
  if (password === undefined || password === WELL_KNOWN) {
    logger.warn(
      { user: name },
      `The administrator "${name}" was made with the password ${WELL_KNOWN}, which everybody knows. ` +
        `Change it now: trimtab user passwd ${name}`,
    );
  }
}

async function stillWellKnown(auth: Auth, name: string): Promise<boolean> {
  if (!(await auth.findUser(name))) return false;
  return auth.checkPassword(name, WELL_KNOWN, 'this server').then(
    () => true,
    () => false,
  );
}
