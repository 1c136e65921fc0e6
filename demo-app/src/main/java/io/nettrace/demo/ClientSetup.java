package io.nettrace.demo;

import java.util.Set;

/**
 * How the client of a scenario is set up.
 *
 * @param connections how many connections its pool has at most
 * @param features what else it needs
 */
record ClientSetup(int connections, Set<ClientFeature> features) {

	static ClientSetup of(ClientFeature... features) {
		return new ClientSetup(1, Set.of(features));
	}

	static ClientSetup pool(int connections) {
		return new ClientSetup(connections, Set.of());
	}

	boolean has(ClientFeature feature) {
		return this.features.contains(feature);
	}

}
