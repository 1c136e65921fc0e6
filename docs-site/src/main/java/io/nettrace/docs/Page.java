package io.nettrace.docs;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;

import org.commonmark.Extension;
import org.commonmark.ext.autolink.AutolinkExtension;
import org.commonmark.ext.gfm.tables.TablesExtension;
import org.commonmark.ext.heading.anchor.HeadingAnchorExtension;
import org.commonmark.ext.heading.anchor.IdGenerator;
import org.commonmark.node.AbstractVisitor;
import org.commonmark.node.Code;
import org.commonmark.node.FencedCodeBlock;
import org.commonmark.node.Heading;
import org.commonmark.node.Node;
import org.commonmark.node.SoftLineBreak;
import org.commonmark.node.Text;
import org.commonmark.parser.Parser;

/**
 * A Markdown file.
 *
 * @param source its path, seen from the root of the repository, as
 * {@code docs/clients.md}
 * @param document what is in it
 * @param sections its headings, each with the text up to the next one
 */
record Page(String source, Node document, List<Section> sections) {

	static final List<Extension> EXTENSIONS = List.of(AutolinkExtension.create(), TablesExtension.create(),
			HeadingAnchorExtension.create());

	private static final Parser PARSER = Parser.builder().extensions(EXTENSIONS).build();

	/**
	 * A heading and what stands below it.
	 *
	 * @param level 1 for the title of the page
	 * @param anchor its id, as GitHub makes it
	 * @param heading its text
	 * @param text all text up to the next heading
	 */
	record Section(int level, String anchor, String heading, String text) {
	}

	static Page read(Path root, String source) throws IOException {
		Node document = PARSER.parse(Files.readString(root.resolve(source)));
		List<Section> sections = sections(document);
		if (sections.isEmpty() || sections.get(0).level() != 1) {
			throw new IllegalArgumentException(source + " does not begin with a title (# ...)");
		}
		return new Page(source, document, sections);
	}

	private static List<Section> sections(Node document) {
		IdGenerator ids = IdGenerator.builder().build();
		List<Section> sections = new ArrayList<>();
		for (Node node = document.getFirstChild(); node != null; node = node.getNext()) {
			if (node instanceof Heading heading) {
				String text = text(heading);
				sections.add(new Section(heading.getLevel(), ids.generateId(text), text, ""));
			}
			else if (!sections.isEmpty()) {
				Section last = sections.remove(sections.size() - 1);
				sections.add(new Section(last.level(), last.anchor(), last.heading(),
						(last.text() + " " + text(node)).strip()));
			}
		}
		return List.copyOf(sections);
	}

	private static String text(Node node) {
		StringBuilder text = new StringBuilder();
		node.accept(new AbstractVisitor() {

			@Override
			public void visit(Text part) {
				text.append(part.getLiteral());
			}

			@Override
			public void visit(Code part) {
				text.append(part.getLiteral());
			}

			@Override
			public void visit(FencedCodeBlock part) {
				text.append(part.getLiteral());
			}

			@Override
			public void visit(SoftLineBreak part) {
				text.append(' ');
			}

			@Override
			protected void visitChildren(Node parent) {
				super.visitChildren(parent);
				if (!(parent instanceof Heading)) {
					text.append(' ');
				}
			}

		});
		return text.toString().replaceAll("\\s+", " ").strip();
	}

	String title() {
		return this.sections.get(0).heading();
	}

	/**
	 * The file of the site.
	 */
	String target() {
		String name = Objects.requireNonNull(Path.of(this.source).getFileName()).toString();
		return this.source.equals("README.md") ? "index.html" : name.replaceFirst("\\.md$", ".html");
	}

	Set<String> anchors() {
		return this.sections.stream().map(Section::anchor).collect(Collectors.toSet());
	}

}
