export { httpErrors, STATUS_BY_KIND } from './errors.ts';
export { openApiDocument } from './openapi.ts';
export { type ByteAnswer, type Call, type Principal, type Route, route } from './route.ts';
export { createHttpServer, type HttpOptions } from './server.ts';
