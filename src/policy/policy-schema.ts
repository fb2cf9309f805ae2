import { LANGUAGES } from './languages/table.js';

/** The JSON Schema of policy files, for editors: that of their language, or one that takes any of several. */
export async function policySchema(): Promise<object> {
  const descriptions = await Promise.all(LANGUAGES.map((language) => language.describe()));
  const schemas = descriptions.map(({ schema }) => schema);
  return schemas.length === 1 ? schemas[0]! : { $schema: 'http://json-schema.org/draft-07/schema#', anyOf: schemas };
}
