/** How each framework that the advice has a line of code for is written for a person. */
export const FRAMEWORK_LABELS = {
  express: 'Express',
  fastapi: 'FastAPI',
  flask: 'Flask',
  django: 'Django',
  spring: 'Spring',
  laravel: 'Laravel',
  aspnet: 'ASP.NET',
};
/** A framework that the advice has a line of code for. */
export type Framework = keyof typeof FRAMEWORK_LABELS;
/** Frameworks that the advice has a line of code for. */
export const FRAMEWORKS = Object.keys(FRAMEWORK_LABELS) as readonly Framework[];
