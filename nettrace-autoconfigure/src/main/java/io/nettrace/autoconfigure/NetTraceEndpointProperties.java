package io.nettrace.autoconfigure;

import java.util.Set;

import org.springframework.boot.actuate.endpoint.Show;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Which values the endpoint shows, with the property names of Boot's endpoints.
 *
 * @param showValues when to show IP addresses
 * @param roles roles that an authorized user may have; any user if empty
 */
@ConfigurationProperties("management.endpoint.nettrace")
record NetTraceEndpointProperties(@DefaultValue("never") Show showValues, @DefaultValue Set<String> roles) {
}
