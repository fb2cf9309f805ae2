export { resourcePath } from '../config/resources.js';
