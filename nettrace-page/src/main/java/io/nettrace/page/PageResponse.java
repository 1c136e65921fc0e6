package io.nettrace.page;

import java.util.Map;

/**
 * A response, whatever sends it.
 *
 * @param status the status code
 * @param headers the headers, without the length
 * @param body the body, sent as UTF-8
 */
record PageResponse(int status, Map<String, String> headers, String body) {
}
