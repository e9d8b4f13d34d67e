package io.faultline.tests.tags;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.Tag;

/**
 * Runs while no other test runs, because it takes pages from the machine's huge-page pools, empties
 * a pool, or counts its pages, or because it changes settings of the whole machine. All other tests
 * of this module run in two JVMs at the same time ({@code tests/pom.xml}); only one of them, {@code
 * SmallMigrationsTest}, takes huge pages.
 */
@Tag("alone")
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.TYPE, ElementType.METHOD})
public @interface RunsAlone {}
