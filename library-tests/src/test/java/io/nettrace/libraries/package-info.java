/**
 * Tests of the clients that Boot did not build: each library in an application of its
 * own, with its real client and a server on loopback.
 * <p>
 * To add a library:
 * <ol>
 * <li>add its dependencies to the {@code pom.xml}, in a block of their own;</li>
 * <li>write one class {@code XTests} that extends
 * {@link io.nettrace.libraries.LibraryTest} and has a
 * {@link io.nettrace.libraries.Library} annotation, which is its row of the table in
 * {@code docs/libraries.md}. Its nested configuration is the application, as a user would
 * write it; beginnings of the names of the library's auto-configurations go into
 * {@code autoConfigurations()}, because nothing else on the class path is started;</li>
 * <li>if the application needs a recipe, put it between the comments
 * {@code // recipe: NAME} and {@code // end} in that class, and the same lines into
 * {@code docs/libraries.md} between {@code <!-- recipe: NAME -->} and
 * {@code <!-- end -->};</li>
 * <li>run {@code LibrariesDocumentationTests} with {@code -Dnettrace.docs.write=true},
 * which writes the table, and the recipes, anew.</li>
 * </ol>
 * A library with other names than those of the test's DNS server takes those of
 * {@code src/test/resources/hosts}, which the JVM's resolver knows.
 */
@NullMarked
package io.nettrace.libraries;

import org.jspecify.annotations.NullMarked;
