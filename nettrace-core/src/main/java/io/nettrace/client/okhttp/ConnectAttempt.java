package io.nettrace.client.okhttp;

import java.net.InetSocketAddress;

/**
 * One attempt to connect.
 *
 * @param address where to, as the hooks are told
 * @param route as OkHttp tells
 * @param thread the thread that connects
 */
record ConnectAttempt(InetSocketAddress address, InetSocketAddress route, Thread thread) {

}
