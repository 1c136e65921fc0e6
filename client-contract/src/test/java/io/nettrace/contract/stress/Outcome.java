package io.nettrace.contract.stress;

/**
 * A response.
 *
 * @param status the status code
 * @param length how many bytes of the body there were
 */
record Outcome(int status, long length) {

}
