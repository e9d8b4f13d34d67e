/**
 * Helpers for the tests of both kinds of VM.
 *
 * <ul>
 *   <li>{@link io.faultline.demo.testing.TestHost}: the kernel under test, and what a test needs of
 *       it (userfaultfd, huge pages).
 *   <li>{@link io.faultline.demo.testing.PagingThread}: postcopy without a wire.
 *   <li>{@link io.faultline.demo.testing.VcpuProgress}: waits until vCPUs have executed.
 * </ul>
 */
@NullMarked
package io.faultline.demo.testing;

import org.jspecify.annotations.NullMarked;
