package io.nettrace.client.jetty;

import io.nettrace.instrument.OptionalType;
import org.eclipse.jetty.http2.HTTP2Connection;
import org.eclipse.jetty.http2.HTTP2Session.FrameListener;
import org.eclipse.jetty.http2.api.Session;
import org.eclipse.jetty.http2.frames.Frame;
import org.eclipse.jetty.http2.frames.GoAwayFrame;
import org.eclipse.jetty.io.Connection;

/**
 * What is seen of HTTP/2, if it is on the class path.
 */
final class Http2 {

	private static final boolean PRESENT = OptionalType.JETTY_HTTP2.isPresent();

	private Http2() {
	}

	/**
	 * Watch a connection, if it is one of HTTP/2.
	 * @return whether it is
	 */
	static boolean watch(Connection opened, JettyConnection connection) {
		return PRESENT && GoAways.listen(opened, connection.closeReasons());
	}

	/**
	 * Keeps what refers to HTTP/2 in a class that is not loaded without it.
	 */
	private record GoAways(CloseReasons closeReasons) implements FrameListener {

		static boolean listen(Connection opened, CloseReasons closeReasons) {
			if (opened instanceof HTTP2Connection http2) {
				http2.getSession().addEventListener(new GoAways(closeReasons));
				return true;
			}
			return false;
		}

		@Override
		public void onIncomingFrame(Session session, Frame frame) {
			if (frame instanceof GoAwayFrame goAway) {
				this.closeReasons.goAway(goAway.getError());
			}
		}

		@Override
		public void onOutgoingFrame(Session session, Frame frame) {
			if (frame instanceof GoAwayFrame) {
				this.closeReasons.saidGoAway();
			}
		}

	}

}
