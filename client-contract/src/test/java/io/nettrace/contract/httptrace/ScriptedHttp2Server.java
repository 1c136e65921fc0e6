package io.nettrace.contract.httptrace;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2GoAwayFrame;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.DefaultHttp2ResetFrame;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.netty.util.ReferenceCountUtil;
import io.netty.util.concurrent.Future;
import org.jspecify.annotations.Nullable;

/**
 * Serves the HTTP/2 of a scenario: TLS, ALPN, and an answer for each path.
 */
@SuppressWarnings("FutureReturnValueIgnored") // a client that has gone is no failure
final class ScriptedHttp2Server implements AutoCloseable {

	private static final String CERTIFICATE = "good";

	private static final int INTERIM_PAUSE_MILLIS = 20;

	private final EventLoopGroup group = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());

	private final Scenario.Server script;

	private final Map<String, Scenario.H2Path> paths;

	private final Certificates certificates;

	private ScriptedHttp2Server(Scenario.Server script, Certificates certificates) {
		this.script = script;
		this.paths = Objects.requireNonNull(script.h2());
		this.certificates = certificates;
	}

	static ScriptedHttp2Server start(Scenario.Server script, Addresses addresses, Certificates certificates)
			throws IOException {
		ScriptedHttp2Server server = new ScriptedHttp2Server(script, certificates);
		try {
			for (String at : script.at()) {
				server.listen(addresses.realSocketAddress(at));
			}
			return server;
		}
		catch (Throwable ex) {
			server.close();
			throw ex;
		}
	}

	private void listen(InetSocketAddress address) throws IOException {
		Future<?> bound = new ServerBootstrap().group(this.group)
			.channel(NioServerSocketChannel.class)
			.childHandler(new ChannelInitializer<SocketChannel>() {

				@Override
				protected void initChannel(SocketChannel channel) throws Exception {
					initialize(channel);
				}

			})
			.bind(address)
			.awaitUninterruptibly();
		if (!bound.isSuccess()) {
			throw new IOException("Cannot listen at " + address, bound.cause());
		}
	}

	/**
	 * Each connection with a context of its own resumes no session.
	 */
	private void initialize(SocketChannel channel) throws Exception {
		SslContext tls = SslContextBuilder
			.forServer(this.certificates.server(CERTIFICATE).getManagers().getKeyManagerFactory())
			.sslProvider(SslProvider.JDK)
			.applicationProtocolConfig(new ApplicationProtocolConfig(ApplicationProtocolConfig.Protocol.ALPN,
					ApplicationProtocolConfig.SelectorFailureBehavior.NO_ADVERTISE,
					ApplicationProtocolConfig.SelectedListenerFailureBehavior.ACCEPT,
					List.of(ApplicationProtocolNames.HTTP_2)))
			.build();
		Http2Settings settings = Http2Settings.defaultSettings();
		settings.maxConcurrentStreams((this.script.h2MaxStreams() > 0) ? this.script.h2MaxStreams() : 250);
		IdleConnection idle = new IdleConnection(channel);
		channel.pipeline()
			.addLast(tls.newHandler(channel.alloc()),
					Http2FrameCodecBuilder.forServer().initialSettings(settings).build(),
					new Http2MultiplexHandler(new ChannelInitializer<>() {

						@Override
						protected void initChannel(Channel stream) {
							stream.pipeline().addLast(new ScriptedStream(idle));
						}

					}));
	}

	@Override
	public void close() {
		this.group.shutdownGracefully(0, 0, TimeUnit.SECONDS);
	}

	/**
	 * Sends GOAWAY when no stream has been open for long enough.
	 */
	private final class IdleConnection {

		private final Channel connection;

		private int streams;

		private @Nullable Future<?> timeout;

		IdleConnection(Channel connection) {
			this.connection = connection;
		}

		void streamOpened() {
			this.streams++;
			if (this.timeout != null) {
				this.timeout.cancel(false);
			}
		}

		void streamClosed() {
			if (--this.streams == 0 && ScriptedHttp2Server.this.script.h2IdleTimeoutMs() > 0) {
				this.timeout = this.connection.eventLoop()
					.schedule(this::sayGoodbye, ScriptedHttp2Server.this.script.h2IdleTimeoutMs(),
							TimeUnit.MILLISECONDS);
			}
		}

		private void sayGoodbye() {
			this.connection.writeAndFlush(new DefaultHttp2GoAwayFrame(Http2Error.NO_ERROR))
				.addListener((sent) -> this.connection.close());
		}

	}

	private final class ScriptedStream extends ChannelInboundHandlerAdapter {

		private final IdleConnection connection;

		private Scenario.@Nullable H2Path path;

		ScriptedStream(IdleConnection connection) {
			this.connection = connection;
		}

		@Override
		public void channelActive(ChannelHandlerContext context) {
			this.connection.streamOpened();
			context.fireChannelActive();
		}

		@Override
		public void channelInactive(ChannelHandlerContext context) {
			this.connection.streamClosed();
			context.fireChannelInactive();
		}

		@Override
		public void channelRead(ChannelHandlerContext context, Object frame) {
			boolean ends = false;
			try {
				if (frame instanceof Http2HeadersFrame headers) {
					String name = String.valueOf(headers.headers().path()).replaceFirst("\\?.*", "");
					this.path = ScriptedHttp2Server.this.paths.get(name);
					ends = headers.isEndStream();
					if (this.path == null) {
						send(context, 404, "");
						return;
					}
					if (!ends && !this.path.readsBody()) {
						answer(context, this.path);
					}
				}
				else if (frame instanceof Http2DataFrame data) {
					ends = data.isEndStream() && this.path != null && this.path.readsBody();
				}
				if (ends && this.path != null) {
					answer(context, this.path);
				}
			}
			finally {
				ReferenceCountUtil.release(frame);
			}
		}

		private void answer(ChannelHandlerContext context, Scenario.H2Path path) {
			int at = 0;
			for (int status : path.interim()) {
				later(context, at, () -> context.writeAndFlush(new DefaultHttp2HeadersFrame(
						new DefaultHttp2Headers().status(Integer.toString(status)), false)));
				at += INTERIM_PAUSE_MILLIS;
			}
			later(context, at + path.delayMs(), () -> {
				if (path.resetsStream()) {
					context.writeAndFlush(new DefaultHttp2ResetFrame(Http2Error.INTERNAL_ERROR));
				}
				else {
					send(context, path.status(), Objects.requireNonNullElse(path.body(), ""));
				}
			});
		}

		private void later(ChannelHandlerContext context, int millis, Runnable task) {
			context.executor().schedule(task, millis, TimeUnit.MILLISECONDS);
		}

		private void send(ChannelHandlerContext context, int status, String body) {
			DefaultHttp2Headers headers = new DefaultHttp2Headers();
			headers.status(Integer.toString(status));
			if (!body.isEmpty()) {
				headers.set("content-length", Integer.toString(body.length()));
			}
			context.writeAndFlush(new DefaultHttp2HeadersFrame(headers, body.isEmpty()));
			if (!body.isEmpty()) {
				context.writeAndFlush(
						new DefaultHttp2DataFrame(Unpooled.copiedBuffer(body, StandardCharsets.UTF_8), true));
			}
		}

	}

}
