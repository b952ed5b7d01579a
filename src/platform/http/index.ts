export { takeBytes } from './body.ts';
export { httpErrors, STATUS_BY_KIND } from './errors.ts';
export { fileAnswer } from './file-answer.ts';
export {
  type Authenticate,
  type ByteAnswer,
  type CheckedRequest,
  GATED,
  type Gate,
  type Principal,
  type Route,
  route,
} from './route.ts';
export { createHttpServer, sendBytes } from './server.ts';
export { assertSoundJson, assertSoundTexts } from './sound-json.ts';
