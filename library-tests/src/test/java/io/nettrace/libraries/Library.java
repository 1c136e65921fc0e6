package io.nettrace.libraries;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * A row of the table in {@code docs/libraries.md}, on the test that shows it.
 */
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Documented
@interface Library {

	/**
	 * The first column. Rows are sorted by it.
	 */
	String name();

	/**
	 * A class of the library. The name of its jar says the version.
	 */
	Class<?> of();

	Support support();

	/**
	 * What the test shows, neither more nor less: see {@link LibraryTest}.
	 */
	Step[] shows() default {};

	/**
	 * What the steps are below, in the words of the table.
	 */
	String below() default "";

	/**
	 * The switch, for what is shown out of the box or by a property, or the heading of
	 * the recipe in {@code docs/libraries.md}.
	 */
	String how() default "";

}
