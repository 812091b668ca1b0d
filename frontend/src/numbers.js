// How pages write numbers, as a file of its own: a test holds it to the words of the service.

export { number } from "./page/numbers.js";
