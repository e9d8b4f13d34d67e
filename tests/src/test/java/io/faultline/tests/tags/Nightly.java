package io.faultline.tests.tags;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.Tag;

/**
 * Runs with {@code mvn -B verify -Pnightly}, or when it is selected by name. A nightly test
 * repeats, for longer or in more combinations, what another test asserts in every build.
 */
@Tag("nightly")
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.TYPE, ElementType.METHOD})
public @interface Nightly {}
