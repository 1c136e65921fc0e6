package io.nettrace.docs;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Where the links of the pages lead. A link to another page stays inside the site, one to
 * any other file of the repository leads to GitHub. One that leads nowhere is remembered.
 */
final class Links {

	/**
	 * The repository, on GitHub.
	 */
	static final String REPOSITORY = "https://github.com/nettrace/nettrace/blob/main/";

	private final Path root;

	private final Map<String, Page> pages;

	private final Set<String> images = new TreeSet<>();

	private final List<String> broken = new ArrayList<>();

	/**
	 * Create links.
	 * @param root of the repository
	 * @param pages of the site, by source
	 */
	Links(Path root, Map<String, Page> pages) {
		this.root = root;
		this.pages = pages;
	}

	/**
	 * What a link becomes in the site.
	 * @param source the page that has it, or another file of the repository
	 * @param link as it is written there
	 * @return the link for the site
	 */
	String resolve(String source, String link) {
		if (link.startsWith(REPOSITORY)) {
			return resolve("README.md", link.substring(REPOSITORY.length()));
		}
		if (link.matches("(https?|mailto):.*")) {
			return link;
		}
		int hash = link.indexOf('#');
		String path = (hash >= 0) ? link.substring(0, hash) : link;
		String anchor = (hash >= 0) ? link.substring(hash + 1) : "";
		String file = path.isEmpty() ? source : file(source, path);
		Page page = this.pages.get(file);
		if (page != null) {
			if (!anchor.isEmpty() && !page.anchors().contains(anchor)) {
				this.broken.add(source + ": " + link + ": no such heading");
			}
			return (path.isEmpty() ? "" : page.target()) + (anchor.isEmpty() ? "" : "#" + anchor);
		}
		checkThatExists(source, link, file);
		return REPOSITORY + file + (anchor.isEmpty() ? "" : "#" + anchor);
	}

	/**
	 * What the link of an image becomes.
	 * @param source the page that has it
	 * @param link as it is written there
	 * @return the link for the site
	 */
	String image(String source, String link) {
		String file = file(source, link);
		checkThatExists(source, link, file);
		this.images.add(file);
		return "images/" + Path.of(file).getFileName();
	}

	private String file(String source, String path) {
		return Path.of(source).resolveSibling(path).normalize().toString();
	}

	private void checkThatExists(String source, String link, String file) {
		if (!Files.exists(this.root.resolve(file))) {
			this.broken.add(source + ": " + link + ": no such file");
		}
	}

	/**
	 * The images of all pages, seen from the root of the repository.
	 */
	Set<String> images() {
		return this.images;
	}

	/**
	 * The links that lead nowhere, each with its page.
	 */
	List<String> broken() {
		return this.broken;
	}

}
