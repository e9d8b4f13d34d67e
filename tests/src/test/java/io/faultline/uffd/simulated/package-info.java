/**
 * The simulated kernel's protocol between fills and faults, against the memory model of the JVM and
 * the processor. In the package of what is tested, since that is not public.
 *
 * <ul>
 *   <li>{@code FencedProtocol}: as the kernel has it; a lost wake-up is forbidden.
 *   <li>{@code UnfencedProtocol}: the same without fences; a lost wake-up is what to look out for.
 *   <li>{@code ProtocolStressTest}: runs both.
 * </ul>
 */
@NullMarked
package io.faultline.uffd.simulated;

import org.jspecify.annotations.NullMarked;
