package io.nettrace.benchmarks;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Names the benchmark of the same class whose figures are taken off: what is the same
 * work without anything watching.
 */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.METHOD)
@interface Over {

	/**
	 * Return the name of the benchmark's method.
	 * @return the name
	 */
	String value();

}
