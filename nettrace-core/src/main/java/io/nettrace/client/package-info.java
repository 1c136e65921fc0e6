/**
 * One package for each HTTP client library; each needs only its own library.
 * <p>
 * A library hands nothing through from a request to its lookup and its connects, so the
 * trace of a request changes vehicles on the way. Where it is made, and what carries it
 * from one place to the next:
 *
 * <pre>
 * library         made                          request to dial        dial to lookup        lookup to attempt
 *
 * HttpComponents  RequestTraceExec, on the      HttpContext            CarriedByThread:      NetTraceAddress,
 *                 caller's thread, or by the    (CarriedTrace); to     thread, while the     to TracedSocketFactory
 *                 first dial                    TracedConnection by    operator connects     or to the race
 *                                               CarriedByThread
 *
 * HttpComponents  AsyncRequestTraceExec, on     TracedAsyncExecRuntime CarriedByThread:      NetTraceAddress,
 * async           the thread that executes      by CarriedByThread; to thread, while the     to ConnectAttempts
 *                                               TracedSession by the   manager connects
 *                                               exchange's handler
 *
 * Reactor Netty   TracedConnect, on the thread  Reactor's context      thread-local of       NetTraceAddress,
 *                 that subscribes, or by the    (ReactorRequest) to    ChannelTraceHandler:  to ChannelTraceHandler
 *                 first dial from Reactor's     the channel            event loop, between   of the next channel
 *                 context                       (ChannelTraceHandler)  doOnResolve and the
 *                                                                      resolver's call
 *
 * Jetty           QueuedRequests, on the        conversation           argument (the         NetTraceAddress,
 *                 thread that queues            (JettyRequest), found  connection's context  to TracedConnectListener
 *                                               by the destination's   leads to the queue)   (by channel)
 *                                               queue
 *
 * OkHttp          CallTrace, on the thread      the call's listener    the same              the same
 *                 that executes or enqueues     (TracedListener)
 *
 * Lettuce         TracedNettyCustomizer, on     the bootstrap          the bootstrap's        NetTraceAddress,
 *                 the thread that connects      (TracedBootstrap),     resolver leads to it   to ConnectHandler
 *                                               until it connects
 *
 * gRPC            TracedNameResolver, on the    the task that looks    the same              NetTraceAddress,
 *                 thread whose call starts the  up (GrpcLookups)                             to ConnectHandler;
 *                 channel                                                                    released together
 *
 * MongoDB         TracedInetAddressResolver,    the same               the same              (not seen)
 *                 on the thread that looks up
 *
 * PostgreSQL's    TracedLoopResources, on the   the channel            (not seen)            the channel
 * R2DBC driver    thread that makes the         (TracedBootstrap)                            (ConnectHandler)
 *                 channel
 *
 * PostgreSQL's    PostgresqlSocketFactory,      thread-local of        the socket             the same
 * JDBC driver     on the thread that connects,  PostgresqlConnect-     (TracedSocket),
 *                 or PostgresqlConnectExecutor  Executor               until its handshake
 *
 * JDK             NetTraceJdk, on the thread    thread-local of        JvmLookups: static,   (not seen)
 *                 that sends                    NetTraceJdk, set by    the JVM has one
 *                                               the executor           resolver
 * </pre>
 *
 * A {@link io.nettrace.instrument.NetTraceAddress} lets go of the trace when its attempt
 * is over, because the socket of a pooled connection may keep the address.
 */
@NullMarked
package io.nettrace.client;

import org.jspecify.annotations.NullMarked;
