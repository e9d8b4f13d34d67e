/**
 * The simulated kernel's protocol between fills and faults, under the memory model of the JVM and
 * the processor. In the package of the tested classes, which are package-private.
 *
 * <ul>
 *   <li>{@code FencedProtocol}: as in the kernel; a lost wake-up is forbidden.
 *   <li>{@code UnfencedProtocol}: the same without fences; a lost wake-up is expected.
 *   <li>{@code ProtocolStressTest}: runs both with jcstress.
 * </ul>
 */
@NullMarked
package io.faultline.uffd.simulated;

import org.jspecify.annotations.NullMarked;
