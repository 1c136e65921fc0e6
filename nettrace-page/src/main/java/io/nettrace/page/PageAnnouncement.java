package io.nettrace.page;

import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.springframework.beans.factory.SmartInitializingSingleton;

/**
 * Says at startup where the page is: it shows what not everyone should see, and may be
 * there only because of a dependency.
 */
final class PageAnnouncement implements SmartInitializingSingleton {

	private static final Log logger = LogFactory.getLog(PageAnnouncement.class);

	private final String path;

	/**
	 * Create an announcement.
	 * @param path the path of the page, with everything that is in front of it
	 */
	PageAnnouncement(String path) {
		this.path = path;
	}

	@Override
	public void afterSingletonsInstantiated() {
		logger.info("nettrace: the last outgoing requests are shown at " + this.path
				+ ". nettrace.page.enabled=false switches the page off");
	}

}
