import { LANGUAGES } from './languages/table.js';

/** Returns the JSON Schema of policy files, for editors. If there are several languages, it accepts each of them. */
export async function policySchema(): Promise<object> {
  const descriptions = await Promise.all(LANGUAGES.map((language) => language.describe()));
  const schemas = descriptions.map(({ schema }) => schema);
  return schemas.length === 1 ? schemas[0]! : { $schema: 'http://json-schema.org/draft-07/schema#', anyOf: schemas };
}
