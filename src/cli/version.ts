import { VERSION } from '../config/resources.js';
import { ECS_VERSION } from '../exporter/encoders/ecs.js';
import { JSON_SCHEMA_VERSION } from '../exporter/encoders/json.js';
import { NEWEST_VERSION } from '../sysflow/newest-schema.js';

export { VERSION };

/** Returns the line that `-version` prints. */
export function versionLine(): string {
  const schemas = `Export Schema Version: ${JSON_SCHEMA_VERSION} (JSON), ${ECS_VERSION} (ECS)`;
  return `Version: ${VERSION}, Avro Schema Version: ${NEWEST_VERSION}, ${schemas}`;
}
