package io.nettrace.demo;

import io.nettrace.test.TestAuthority;
import org.apache.catalina.connector.Connector;
import org.apache.tomcat.util.net.SSLHostConfig;
import org.apache.tomcat.util.net.SSLHostConfigCertificate;

import org.springframework.boot.ssl.SslBundle;
import org.springframework.boot.ssl.SslStoreBundle;
import org.springframework.stereotype.Component;

/**
 * The certificates of the demo, made anew at each start, with an authority that its
 * clients trust.
 */
@Component
final class Certificates {

	private static final String EXPIRED = "certificate-expired.demo.test";

	private final TestAuthority authority = TestAuthority.create("nettrace demo");

	/**
	 * Return a connector that shows each host a certificate, the expired one to the host
	 * that is there for it.
	 * @return Tomcat's connector with TLS
	 */
	Connector connector() {
		Connector connector = new Connector();
		connector.setScheme("https");
		connector.setSecure(true);
		connector.setProperty("SSLEnabled", "true");
		SSLHostConfig expired = new SSLHostConfig();
		expired.setHostName(EXPIRED);
		connector.addSslHostConfig(shows(this.authority.expiredServer(EXPIRED), expired));
		// for all other hosts
		connector.addSslHostConfig(shows(this.authority.server("tls-resumed.demo.test"), new SSLHostConfig()));
		return connector;
	}

	private static SSLHostConfig shows(TestAuthority.Server identity, SSLHostConfig host) {
		SSLHostConfigCertificate certificate = new SSLHostConfigCertificate(host,
				SSLHostConfigCertificate.Type.UNDEFINED);
		certificate.setCertificateKeystore(identity.keys());
		certificate.setCertificateKeystorePassword(TestAuthority.PASSWORD);
		host.addCertificate(certificate);
		return host;
	}

	/**
	 * Return what the demo's clients trust.
	 * @return the authority of these certificates
	 */
	SslBundle trust() {
		return SslBundle.of(SslStoreBundle.of(null, null, this.authority.trusted()));
	}

}
