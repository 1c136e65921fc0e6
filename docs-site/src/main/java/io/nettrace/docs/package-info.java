/**
 * Makes a static site of the documentation: a page for each Markdown file, navigation,
 * and a search that needs no server.
 */
@NullMarked
package io.nettrace.docs;

import org.jspecify.annotations.NullMarked;
