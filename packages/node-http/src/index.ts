export {
  createStack,
  type Handler,
  type HttpLayer,
  type HttpNext,
  type LayerOptions,
  type Stack,
  type StackListener,
  type StackOptions,
  type StackStats,
} from './stack/stack.ts';
export type { AfterOptions, Body, HttpContext, Json, Outcome, RawExchange } from './context/http-context.ts';
export type { Head } from './reply/head.ts';
export { HttpProblem, isProblem, problem, type ProblemFields } from './problem.ts';
export { readBody, type ReadBodyOptions } from './body/read-body.ts';
export { readText } from './body/read-text.ts';
export { readJson } from './body/read-json.ts';
export { bodyStream, type BodyStreamOptions } from './body/body-stream.ts';
export { accessLog, type AccessLine, type AccessLogOptions, type LogLevel } from './layers/access-log.ts';
export { requestId, type RequestIdOptions } from './layers/request-id.ts';
export { currentRequest, requestContext } from './layers/request-context.ts';
export { serve, type RunningServer, type ServeOptions } from './serve/serve.ts';
export type { ServeLimits } from './serve/limits.ts';
