package io.nettrace.contract.httptrace;

/**
 * The client libraries.
 */
enum Library {

	CLASSIC("httpcomponents") {

		@Override
		TestClient client(TestClient.Setup setup) {
			return new ClassicClient(setup);
		}

	},

	ASYNC("httpcomponents-async") {

		@Override
		TestClient client(TestClient.Setup setup) {
			return new AsyncClient(setup);
		}

	},

	REACTOR_NETTY("reactor-netty") {

		@Override
		TestClient client(TestClient.Setup setup) {
			return new ReactorNettyClient(setup);
		}

	},

	JETTY("jetty") {

		@Override
		TestClient client(TestClient.Setup setup) throws Exception {
			return new JettyClient(setup);
		}

	},

	OK_HTTP("okhttp") {

		@Override
		TestClient client(TestClient.Setup setup) {
			return new OkHttpScenarioClient(setup);
		}

	};

	private final String name;

	Library(String name) {
		this.name = name;
	}

	abstract TestClient client(TestClient.Setup setup) throws Exception;

	/**
	 * As in {@code nettrace.client}.
	 */
	@Override
	public String toString() {
		return this.name;
	}

}
