package io.nettrace.slices;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * Runs with {@code -Dnettrace.tests=all} only, because each test starts a process or two.
 */
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@EnabledIfSystemProperty(named = "nettrace.tests", matches = "all", disabledReason = "-Dnettrace.tests=all")
@interface InTheFullRun {

}
