package io.nettrace.contract.stress;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import io.nettrace.test.BlackHole;
import io.nettrace.test.RefusingAddress;
import io.netty.bootstrap.ServerBootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelFuture;
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
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.util.ReferenceCountUtil;
import org.jspecify.annotations.Nullable;

/**
 * A server of HTTP/2 in clear text, with random faults of its streams and connections.
 * What becomes of a request depends on the seed, the request's number, and how often it
 * has come. A connection goes away after some requests.
 */
@SuppressWarnings("FutureReturnValueIgnored") // a client that has gone is no failure
final class FaultyStreams implements AutoCloseable {

	private static final int STREAMS = 4;

	private static final int REQUESTS = 40;

	private static final int SILENT_MILLIS = 200;

	private static final Pattern PATH = Pattern.compile("/(\\d+)/(\\d+)");

	private final EventLoopGroup group = new MultiThreadIoEventLoopGroup(2, NioIoHandler.newFactory());

	private final Closeables addresses = new Closeables();

	private final long seed;

	private final IntFunction<@Nullable TrackedRequest> requests;

	private final int port;

	/**
	 * Start the server.
	 * @param seed decides
	 * @param requests finds a request by its number, {@code null} once it is over
	 */
	FaultyStreams(long seed, IntFunction<@Nullable TrackedRequest> requests) {
		this.seed = seed;
		this.requests = requests;
		this.port = listen();
		this.addresses.add(RefusingAddress.open(Names.DEAD, this.port));
		this.addresses.add(BlackHole.open(Names.HOLE, this.port));
	}

	private int listen() {
		ChannelFuture bound = new ServerBootstrap().group(this.group)
			.channel(NioServerSocketChannel.class)
			.childHandler(new ChannelInitializer<SocketChannel>() {

				@Override
				protected void initChannel(SocketChannel channel) {
					initialize(channel);
				}

			})
			.bind(new InetSocketAddress(Names.LIVE, 0))
			.awaitUninterruptibly();
		if (!bound.isSuccess()) {
			throw new UncheckedIOException(new IOException("cannot listen", bound.cause()));
		}
		return ((InetSocketAddress) bound.channel().localAddress()).getPort();
	}

	private void initialize(SocketChannel channel) {
		Connection connection = new Connection(channel);
		channel.pipeline()
			.addLast(Http2FrameCodecBuilder.forServer()
				.initialSettings(Http2Settings.defaultSettings().maxConcurrentStreams(STREAMS))
				.build(), new Http2MultiplexHandler(new ChannelInitializer<>() {

					@Override
					protected void initChannel(Channel stream) {
						stream.pipeline().addLast(new Stream(connection));
					}

				}));
	}

	/**
	 * Return where a request goes.
	 */
	String url(String host, int id, int redirects) {
		return "http://" + host + ":" + this.port + "/" + id + "/" + redirects;
	}

	@Override
	public void close() {
		this.group.shutdownGracefully(0, 0, TimeUnit.SECONDS);
		this.addresses.close();
	}

	private static final class Connection {

		private final SocketChannel channel;

		private int requests;

		private int open;

		private boolean goesAway;

		Connection(SocketChannel channel) {
			this.channel = channel;
		}

		int clientPort() {
			return this.channel.remoteAddress().getPort();
		}

		void streamOpened() {
			this.requests++;
			this.open++;
			if (this.requests == REQUESTS) {
				goAway(Http2Error.NO_ERROR);
			}
		}

		void streamClosed() {
			this.open--;
			if (this.goesAway && this.open == 0) {
				this.channel.close();
			}
		}

		void goAway(Http2Error error) {
			this.goesAway = true;
			this.channel.writeAndFlush(new DefaultHttp2GoAwayFrame(error));
		}

		void close() {
			this.channel.close();
		}

	}

	private final class Stream extends ChannelInboundHandlerAdapter {

		private final Connection connection;

		private @Nullable Http2Headers head;

		Stream(Connection connection) {
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
					this.head = headers.headers();
					ends = headers.isEndStream();
					if (headers.headers().contains("expect")) {
						context.writeAndFlush(head(100));
					}
				}
				else if (frame instanceof Http2DataFrame data) {
					ends = data.isEndStream();
				}
			}
			finally {
				ReferenceCountUtil.release(frame);
			}
			if (ends && this.head != null) {
				answer(context, this.head);
			}
		}

		@Override
		public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
			context.close();
		}

		private void answer(ChannelHandlerContext context, Http2Headers head) {
			Matcher path = PATH.matcher(head.path());
			if (!path.matches()) {
				context.close();
				return;
			}
			int id = Integer.parseInt(path.group(1));
			int redirects = Integer.parseInt(path.group(2));
			TrackedRequest request = FaultyStreams.this.requests.apply(id);
			int before = (request != null) ? request.arrived(this.connection.clientPort()) : 0;
			Answer answer = Answer
				.random(new SplittableRandom(FaultyStreams.this.seed ^ (id * 1_000L + redirects * 100L + before)));
			if (request != null && answer.fault() != Answer.Fault.NONE) {
				request.meetsFault();
			}
			respond(context, answer, new Answered(request, id, redirects, "HEAD".contentEquals(head.method())));
		}

		private void respond(ChannelHandlerContext context, Answer answer, Answered answered) {
			switch (answer.fault()) {
				case CLOSE_BEFORE -> this.connection.close();
				case RESET_BEFORE -> reset(context, Http2Error.INTERNAL_ERROR);
				case CUT_HEAD -> reset(context, Http2Error.REFUSED_STREAM);
				case SILENCE -> context.executor()
					.schedule(() -> reset(context, Http2Error.CANCEL), SILENT_MILLIS, TimeUnit.MILLISECONDS);
				case NOT_HTTP, RESET_HEAD -> {
					this.connection.goAway(Http2Error.ENHANCE_YOUR_CALM);
					this.connection.close();
				}
				case CUT_BODY, RESET_BODY, NONE -> write(context, answer, answered);
			}
		}

		private void write(ChannelHandlerContext context, Answer answer, Answered answered) {
			for (int i = 0; i < answer.interim(); i++) {
				context.write(head(answered.interim()));
			}
			int status = answer.status(answered.redirects());
			boolean hasBody = status != 204 && !answered.isHead();
			int length = hasBody ? answer.length() : 0;
			if (answered.request() != null) {
				answered.request().answered(new Outcome(status, length));
			}
			DefaultHttp2Headers headers = new DefaultHttp2Headers();
			headers.status(Integer.toString(status));
			if (status == 307) {
				headers.set("location", location(answer, answered));
			}
			context.write(new DefaultHttp2HeadersFrame(headers, length == 0));
			if (answer.fault() == Answer.Fault.NONE) {
				if (length > 0) {
					context.write(data(length, true));
				}
				context.flush();
				return;
			}
			if (length > 0) {
				context.writeAndFlush(data(length / 2, false));
			}
			if (answer.fault() == Answer.Fault.CUT_BODY) {
				reset(context, Http2Error.INTERNAL_ERROR);
			}
			else {
				context.flush();
				this.connection.close();
			}
		}

		private String location(Answer answer, Answered answered) {
			String next = "/" + answered.id() + "/" + (answered.redirects() + 1);
			if (answer.kind() == Answer.Kind.REDIRECT_SAME_HOST) {
				return next;
			}
			String host = Names.common()[answered.id() % 5];
			if (answered.request() != null) {
				answered.request().redirected(host);
			}
			return url(host, answered.id(), answered.redirects() + 1);
		}

		private static void reset(ChannelHandlerContext context, Http2Error error) {
			context.writeAndFlush(new DefaultHttp2ResetFrame(error));
		}

		private static DefaultHttp2HeadersFrame head(int status) {
			return new DefaultHttp2HeadersFrame(new DefaultHttp2Headers().status(Integer.toString(status)), false);
		}

		private static DefaultHttp2DataFrame data(int length, boolean ends) {
			return new DefaultHttp2DataFrame(Unpooled.wrappedBuffer(new byte[length]), ends);
		}

	}

	private record Answered(@Nullable TrackedRequest request, int id, int redirects, boolean isHead) {

		int interim() {
			return (this.request != null && this.request.takesEarlyHints()) ? 103 : 100;
		}

	}

}
