/**
 * {@code conformance} and {@code races}: what {@code uffd-engine} proves of itself, for people. The
 * suite and the races are in {@code io.faultline.uffd.conformance} and {@code
 * io.faultline.uffd.races}.
 */
@NullMarked
package io.faultline.cli.conformance;

import org.jspecify.annotations.NullMarked;
