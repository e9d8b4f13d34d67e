/**
 * Other processes: what a program needs that fills, reads or watches the memory of a process that
 * does not cooperate. Linux only.
 *
 * <ul>
 *   <li>Descriptors over a socket: {@link io.faultline.uffd.linux.process.DescriptorListener},
 *       {@link io.faultline.uffd.linux.process.DescriptorConnection} and {@link
 *       io.faultline.uffd.linux.process.ReceivedDescriptors}; {@code UnixAddress}, {@code
 *       SocketMessage} (layouts), {@code SocketCalls}. A userfaultfd that arrives is wrapped by
 *       {@link io.faultline.uffd.linux.LinuxKernel#adoptUserfaultfd}.
 * </ul>
 *
 * <p>Processes end at any time: what a caller must expect (the process is gone, the peer has
 * closed, nothing is there yet) are values; missing permission and mistakes are exceptions.
 */
@NullMarked
package io.faultline.uffd.linux.process;

import org.jspecify.annotations.NullMarked;
